import Foundation

/// What is in a film, as ffprobe sees it.
struct Recording {
    var seconds: Double
    /// Such as `h264 1280x720` and `opus`.
    var streams: [String]

    /// Reads the file at `path`; `nil` if it can't be played.
    static func probe(_ path: String, log: String) async throws -> Recording? {
        let entries = "format=duration:stream=codec_name,width,height"
        let probe = try ChildProcess(
            "ffprobe",
            ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "json", path], log: log)
        guard await probe.wait(seconds: 20).status == 0, let data = try? Data(contentsOf: URL(fileURLWithPath: log)),
            let answer = try? JSONDecoder().decode(Answer.self, from: data),
            let seconds = Double(answer.format.duration)
        else { return nil }
        let streams = answer.streams.map { stream in
            if let width = stream.width, let height = stream.height { return "\(stream.codec_name) \(width)x\(height)" }
            return stream.codec_name
        }
        return Recording(seconds: seconds, streams: streams)
    }

    private struct Answer: Decodable {
        struct Format: Decodable { var duration: String }
        struct Stream: Decodable {
            var codec_name: String
            var width: Int?
            var height: Int?
        }
        var format: Format
        var streams: [Stream]
    }
}
