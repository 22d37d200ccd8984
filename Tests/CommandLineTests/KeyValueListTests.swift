import Console
import Testing

@Suite("Lists of KEY=VALUE")
struct KeyValueListTests {
    @Test(
        "are read with commas in values quoted or escaped",
        arguments: [
            ("id=a,name=B", ["id=a", "name=B"]),
            ("id=a, name = Huyện ủy Gia Bình ,to=h:1", ["id=a", "name=Huyện ủy Gia Bình", "to=h:1"]),
            (#"name="A, B",id=c"#, ["name=A, B", "id=c"]),
            (#"name=A\, B,id=c"#, ["name=A, B", "id=c"]),
            (#"name="say \"A\", \\ B" , id=c"#, [#"name=say "A", \ B"#, "id=c"]),
            (#"sdp=C:\sdp\a.sdp"#, [#"sdp=C:\sdp\a.sdp"#]),
            ("layout=A A * / A A *,id=c", ["layout=A A * / A A *", "id=c"]),
            ("token=a=b", ["token=a=b"]),
            ("name=", ["name="]),
            (#"name="""#, ["name="]),
        ])
    func reading(text: String, pairs: [String]) throws {
        #expect(try KeyValueList(text).pairs.map { "\($0.key)=\($0.value)" } == pairs)
    }

    @Test(
        "are refused at the bad part",
        arguments: [
            ("", 1, "", "KEY=VALUE"),
            ("id=a,", 2, "", "KEY=VALUE"),
            ("id=a,,name=b", 2, "", "KEY=VALUE"),
            ("id=a,name=Khối CCQ, DN", 3, "DN", "a comma inside a value"),
            ("=a", 1, "=a", "key before"),
            ("id=a,id=b", 2, "id=b", "only once"),
            (#"name="A, B"#, 1, #""A, B"#, "closing double quote"),
            (#"name="A" B,id=c"#, 1, "B,id=c", "comma after"),
        ])
    func refusing(text: String, place: Int, part: String, expected: String) {
        do {
            let list = try KeyValueList(text)
            Issue.record("taken: \(list)")
        } catch {
            #expect(error.place == place)
            #expect(error.part == part)
            #expect(error.expected.contains(expected))
        }
    }
}
