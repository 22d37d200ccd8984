/// What can be wrong with a site's line, picture or sound.
package enum LineTrouble: String, Codable, Hashable, Sendable, CaseIterable {
    case lineDown = "line-down"
    case notMeasured = "not-measured"
    case loss, jitter
    case roundTrip = "round-trip"
    case noPicture = "no-picture"
    /// Packets come, but nothing can be decoded.
    case undecodable
    /// Pictures come, all the same.
    case still
    /// No new picture for a while.
    case frozen
    case frameRate = "frame-rate"
    case noSound = "no-sound"
    /// Zeros are sent.
    case switchedOff = "switched-off"
    case silent, quiet, clipping, offset, noise, hum, echo
    case lipSync = "lip-sync"

    /// What to do about it.
    package var advice: Words {
        switch self {
        case .lineDown:
            Words(
                "kiểm tra thiết bị đã bật và đã gửi, kiểm tra đường truyền",
                "see that the endpoint is on and sends, and that the line is up")
        case .notMeasured: Words("đo lại", "measure again")
        case .loss, .frozen: Words("kiểm tra đường truyền", "check the line")
        case .jitter:
            Words("kiểm tra đường truyền và tải dùng chung", "check the line, and what else runs over it")
        case .roundTrip: Words("kiểm tra tuyến đường truyền", "check the route of the line")
        case .noPicture: Words("bật camera, kiểm tra cổng hình", "turn the camera on, check its port")
        case .undecodable:
            Words("kiểm tra chuẩn nén hình và khóa mã hóa", "check the codec and the keys of both ends")
        case .still:
            Words("kiểm tra camera có đang dừng hình không", "see whether the camera is paused or shows a still")
        case .frameRate: Words("tăng số hình mỗi giây ở thiết bị", "raise the endpoint's frame rate")
        case .noSound: Words("kiểm tra micro và cổng tiếng", "check the microphone and its port")
        case .switchedOff: Words("bật micro", "unmute the microphone")
        case .silent: Words("nhờ điểm cầu nói thử, kiểm tra micro", "ask them to speak, check the microphone")
        case .quiet: Words("tăng âm lượng micro", "turn the microphone up")
        case .clipping: Words("giảm âm lượng micro", "turn the microphone down")
        case .offset: Words("kiểm tra card âm thanh và dây micro", "check the sound card and the microphone's cable")
        case .noise:
            Words(
                "tìm nguồn ồn (quạt, điều hòa), đưa micro lại gần",
                "find what makes the noise, move the microphone closer")
        case .hum: Words("kiểm tra dây tiếp đất và dây micro", "check grounding and the microphone's cable")
        case .echo:
            Words("bật khử tiếng vọng, giảm âm lượng loa", "turn echo cancellation on and the loudspeaker down")
        case .lipSync: Words("kiểm tra đồng bộ tiếng và hình ở thiết bị", "check the endpoint's lip-sync")
        }
    }
}

/// One thing that is wrong with a site, with its number in its words.
package struct LineReason: Codable, Hashable, Sendable {
    package var trouble: LineTrouble
    package var grade: Grade
    /// Such as `mất gói 6 %`.
    package var words: Words
    package var advice: Words

    package init(_ trouble: LineTrouble, _ grade: Grade, _ words: Words) {
        self.trouble = trouble
        self.grade = grade
        self.words = words
        advice = trouble.advice
    }
}
