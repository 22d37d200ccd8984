import Console
import Testing

@Suite struct HostNameTests {
    @Test(arguments: ["127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1"])
    func whoCallsFromThisMachineIsKnown(address: String) { #expect(HostName.isOfThisMachine(address)) }

    @Test(arguments: [
        "10.0.0.1", "0.0.0.0", "192.168.127.1", "::ffff:10.0.0.127", "::", "::127.0.0.1", "fe80::1", "unknown", "",
        "127.0.0.1.example", "localhost",
    ])
    func nobodyElseIsTakenForThisMachine(address: String) { #expect(!HostName.isOfThisMachine(address)) }
}
