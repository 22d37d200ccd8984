import Conference

/// The second line of one site as the operator wrote it: `audio2=5104,video2=5106,to2=10.21.3.10:5004`.
struct SecondLineSpecification {
    static let keys = ["audio2", "video2", "to2", "audio-to2", "video-to2"]

    private let ports: (audio: Int?, video: Int?)
    private let destinations: (audio: HostPort?, video: HostPort?)

    init(_ reader: inout SpecificationReader) {
        ports = (reader.read("audio2", as: .port), reader.read("video2", as: .port))
        destinations = reader.readDestinations(line: "2")
    }

    /// - Parameter offered: the port of the SDP file's own second line.
    func audio(_ offered: Int?) -> SecondLine? { Self.line(ports.audio ?? offered, destinations.audio) }
    func video(_ offered: Int?) -> SecondLine? { Self.line(ports.video ?? offered, destinations.video) }

    private static func line(_ port: Int?, _ destination: HostPort?) -> SecondLine? {
        port == nil && destination == nil ? nil : SecondLine(port: port, destination: destination)
    }
}
