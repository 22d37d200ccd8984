import Foundation

/// The samples of a WAV file: 16-bit integers or 32-bit floats (RIFF, with or without the extensible header).
package struct WAVFile {
    /// Why a file could not be read.
    package struct FormatError: Error, CustomStringConvertible {
        package let description: String
    }

    /// In Hz.
    package let sampleRate: Int
    package let channels: Int
    /// From -1 to 1, channels interleaved.
    package let samples: [Float]

    package init(path: String) throws {
        try self.init(bytes: [UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    }

    /// A file that its writer did not finish says 0 or 4294967295 for the length of its data: then all the rest counts.
    package init(bytes: [UInt8]) throws(FormatError) {
        func word(_ offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
        func long(_ offset: Int) -> Int { word(offset) | word(offset + 2) << 16 }
        func tag(_ offset: Int) -> String { String(decoding: bytes[offset..<offset + 4], as: UTF8.self) }

        guard bytes.count >= 12, tag(0) == "RIFF", tag(8) == "WAVE" else {
            throw FormatError(description: "no WAV file")
        }
        var offset = 12
        var format: (tag: Int, channels: Int, rate: Int, bits: Int)?
        while offset + 8 <= bytes.count {
            let name = tag(offset)
            let length = long(offset + 4)
            let body = offset + 8
            if name == "fmt ", length >= 16, body + length <= bytes.count {
                let code = word(body)
                let isExtensible = code == 0xFFFE && length >= 26
                format = (isExtensible ? word(body + 24) : code, word(body + 2), long(body + 4), word(body + 14))
            } else if name == "data" {
                guard let format else { throw FormatError(description: "data before its format") }
                let rest = bytes.count - body
                let end = body + (length == 0 || length > rest ? rest : length)
                channels = format.channels
                sampleRate = format.rate
                switch (format.tag, format.bits) {
                case (1, 16):
                    samples = stride(from: body, to: end - 1, by: 2).map { offset in
                        Float(Int16(truncatingIfNeeded: word(offset))) / 32768
                    }
                case (3, 32):
                    samples = stride(from: body, to: end - 3, by: 4).map { offset in
                        Float(bitPattern: UInt32(truncatingIfNeeded: long(offset)))
                    }
                default: throw FormatError(description: "format \(format.tag) of \(format.bits) bits")
                }
                return
            }
            offset = body + length + length % 2
        }
        throw FormatError(description: "no data in the WAV file")
    }

    /// The samples of one channel, from 0.
    package func channel(_ index: Int) -> [Float] {
        stride(from: index, to: samples.count, by: channels).map { samples[$0] }
    }

    /// The length in seconds.
    package var seconds: Double { Double(samples.count / max(1, channels)) / Double(max(1, sampleRate)) }
}
