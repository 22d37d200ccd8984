import Media
import TestSupport
import Testing

@Suite("What the relay is told") struct ImpairmentSyntaxTests {
    @Test("route says its ends its name and its line")
    func routeSaysItsEndsItsNameAndItsLine() throws {
        let route = try RouteSpecification(
            "127.0.0.1:6006=127.0.0.2:5006,loss=10%,burst=3,delay=20,name=gia-binh-video,line=gia-binh,seed=7")
        #expect(route.listen.description == "127.0.0.1:6006")
        #expect(route.target.description == "127.0.0.2:5006")
        #expect(route.name == "gia-binh-video" && route.line == "gia-binh" && route.seed == 7)
        #expect(route.settings.map(\.key) == ["loss", "burst", "delay"])
        #expect(try RouteSpecification("127.0.0.1:6006=127.0.0.1:5006").line == "6006")
    }

    @Test(
        "wrong route is refused",
        arguments: [
            "", "127.0.0.1:6006", "127.0.0.1=127.0.0.1:2", "localhost:1=127.0.0.1:2", "127.0.0.1:1=127.0.0.1:70000",
            "127.0.0.1:1=127.0.0.1:2,loss=2", "127.0.0.1:1=127.0.0.1:2,loss=nan", "127.0.0.1:1=127.0.0.1:2,colour=red",
            "127.0.0.1:1=127.0.0.1:2,delay=-1", "127.0.0.1:1=127.0.0.1:2,rate=fast", "127.0.0.1:1=127.0.0.1:2,name=*",
            "127.0.0.1:1=127.0.0.1:2,spread=wide", "127.0.0.1:1=127.0.0.1:2,tap=7",
        ])
    func wrongRouteIsRefused(text: String) {
        #expect(throws: ImpairmentError.self) { try RouteSpecification(text) }
    }

    @Test("keys become the line")
    func keysBecomeTheLine() throws {
        var settings = DuplexSettings()
        for (key, value) in try DuplexSettings.pairs(
            "loss=0.1,delay=20,jitter=1.5s,spread=bursty,order=free,reorder=1%,rate=800k,queue=100ms,back-loss=0")
        {
            try settings.set(key, value)
        }
        let there = settings.there.line
        #expect(there.loss == 0.1 && settings.back.line.loss == 0)
        #expect(there.latency == .milliseconds(20) && there.jitter == .milliseconds(1500))
        #expect(there.spread == .bursty && !there.keepsOrder && there.reordering == 0.01)
        #expect(there.rate?.bitsPerSecond == 800_000 && there.queueLimit == .milliseconds(100))
        // The share stays when it comes in bursts, whichever key is first.
        try settings.set("burst", "4")
        let bursts = settings.there.line
        #expect(bursts.loss == 0 && bursts.burst.end == 0.25)
        #expect(abs(bursts.burst.begin / (bursts.burst.begin + 0.25) - 0.1) < 1e-9)
        try settings.set("there-loss", "0.5")
        #expect(abs(settings.there.line.burst.begin - 0.25) < 1e-9)
    }

    @Test("script is in the order of its times")
    func scriptIsInTheOrderOfItsTimes() throws {
        let script = try ImpairmentScript(
            """
            # a meeting's bad minutes
            10.0 stall x 5s lost
            2 set x loss=0.2   # from here on

            10.0 kill x
            """)
        #expect(script.entries.map(\.text) == ["set x loss=0.2   ", "stall x 5s lost", "kill x"])
        #expect(script.entries.map(\.time) == [.seconds(2), .seconds(10), .seconds(10)])
    }

    @Test(
        "wrong command is refused",
        arguments: [
            "", "stall", "stall x", "stall x soon", "stall x 5s held", "garbage x 10 5s", "garbage x 0/s 5s",
            "garbage x 999999999/s 5s", "kill", "kill x now", "set x", "set x loss", "set x loss=7", "sing x",
        ])
    func wrongCommandIsRefused(text: String) {
        #expect(throws: ImpairmentError.self) { try ImpairmentCommand(text) }
        #expect(throws: ImpairmentError.self) { try ImpairmentScript("1 \(text)x x x x") }
    }
}
