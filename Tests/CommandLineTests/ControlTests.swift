import Console
import Foundation
import Testing

@Suite("ctl")
struct ControlTests {
    static let commands: [(words: [String], program: String?, json: String)] = [
        (["layout", "1+5"], nil, #"{"command":"layout","layout":"1+5","program":"room"}"#),
        (["layout", "A *"], "return", #"{"command":"layout","layout":"A *","program":"return"}"#),
        (["mute", "gia-binh"], nil, #"{"command":"mute","site":"gia-binh"}"#),
        (["unmute", "gia-binh"], nil, #"{"command":"unmute","site":"gia-binh"}"#),
        (["gain", "gia-binh", "-6"], nil, #"{"command":"gain","gain_db":-6,"site":"gia-binh"}"#),
        (["lecturer", "gia-binh"], nil, #"{"command":"lecturer","site":"gia-binh"}"#),
        (["lecturer", "none"], nil, #"{"command":"lecturer","site":null}"#),
        (["play", "a b.mp4"], nil, #"{"command":"play","file":"a b.mp4","loop":false,"program":"room"}"#),
        (["play", "a.mp4", "loop"], nil, #"{"command":"play","file":"a.mp4","loop":true,"program":"room"}"#),
        (["stop-play"], nil, #"{"command":"stop-play"}"#),
        (["add", "id=a,audio=1"], "up", #"{"command":"add","program":"up","spec":"id=a,audio=1"}"#),
        (["remove", "a"], nil, #"{"command":"remove","site":"a"}"#),
    ]

    @Test("turns words into the API's JSON, which reads back the same", arguments: commands)
    func json(words: [String], program: String?, json: String) throws {
        let request = try ControlRequest(words: words, program: program)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(request), as: UTF8.self) == json)
        #expect(try JSONDecoder().decode(ControlRequest.self, from: Data(json.utf8)) == request)
    }

    @Test(
        "refuses what is no command",
        arguments: [
            ([], nil, "ctl \"\": expected one of layout LAYOUT"),
            (["dance"], nil, "ctl dance: expected one of layout LAYOUT [--program ID]; site-layout ID LAYOUT|none"),
            (["mute"], nil, "ctl mute: expected mute ID"),
            (["mute", "a", "b"], nil, "ctl mute a b: expected mute ID"),
            (["gain", "a", "loud"], nil, "ctl gain a loud: expected a gain from -60 to 20 dB"),
            (["mute", "a"], "room", "ctl mute a: expected --program only with layout, pin, unpin, caption"),
        ] as [([String], String?, String)])
    func refusing(words: [String], program: String?, message: String) {
        do {
            let request = try ControlRequest(words: words, program: program)
            Issue.record("taken: \(request)")
        } catch {
            #expect(error.description.hasPrefix(message), "\(error)")
            #expect(Refusals([error]).exitCode == 2)
        }
    }

    @Test(
        "says what is wrong with a body",
        arguments: [
            ("", "expected a JSON object"),
            ("{}", "expected \"command\""),
            (#"{"command":"mute"}"#, "expected \"site\""),
            (#"{"command":"gain","site":"a","gain_db":"loud"}"#, "gain_db: expected a number"),
            (#"{"command":"dance"}"#, "command: dance: expected layout, site-layout"),
        ])
    func badBody(json: String, message: String) {
        do {
            let request = try JSONDecoder().decode(ControlRequest.self, from: Data(json.utf8))
            Issue.record("taken: \(request)")
        } catch {
            #expect(BodyFault.description(of: error).contains(message), "\(BodyFault.description(of: error))")
        }
    }

    @Test("reads both kinds of answers")
    func replies() throws {
        let decoder = JSONDecoder()
        let done = Data(#"{"ok":true,"detail":"layout 1+5"}"#.utf8)
        let refused = Data(#"{"error":"no such site"}"#.utf8)
        #expect(try decoder.decode(ControlReply.self, from: done) == .done(detail: "layout 1+5"))
        #expect(try decoder.decode(ControlReply.self, from: refused) == .refused(reason: "no such site"))
        #expect(
            try decoder.decode(ControlReply.self, from: JSONEncoder().encode(ControlReply.done(detail: "x")))
                == .done(detail: "x"))
        #expect(throws: (any Error).self) { try decoder.decode(ControlReply.self, from: Data(#"{"ok":false}"#.utf8)) }
    }

    @Test("says when nobody answers, and refuses what is no address")
    func noBridge() async throws {
        await #expect(throws: BridgeClient.Failure.self) {
            // Port 9 on the loopback: nobody listens.
            let mute = try ControlRequest(words: ["mute", "a"])
            _ = try await BridgeClient(url: "http://127.0.0.1:9", token: nil).send(mute)
        }
        #expect(throws: Refusal.self) { try BridgeClient(url: "127.0.0.1:8080", token: nil) }
        #expect(throws: Refusal.self) { try BridgeClient(url: "http://127.0.0.1:8080", token: "a b") }
    }
}
