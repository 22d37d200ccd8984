import Media

/// What one sample says of one kind of alarm.
struct AlarmReading: Hashable, Sendable {
    let kind: AlarmKind
    let severity: AlarmSeverity
    let words: Words
}

extension SiteHealthSample {
    /// What is wrong with the site now. Of a site that is gone, or that is cut for a loop, only that is said.
    var readings: [AlarmReading] {
        if isLoop { return [reading(.loop, .critical, "vòng lặp, đường nối đã bị cắt", "loop, the link is cut")] }
        if lines > 0, deadLines >= lines { return [reading(.lineDown, .critical, "mất tín hiệu", "no signal")] }
        var readings = line + media
        readings.removeAll { $0.severity == .normal }
        return readings
    }

    private var line: [AlarmReading] {
        var readings: [AlarmReading] = []
        if deadLines > 0 {
            readings.append(
                reading(
                    .lineDown, .warning, "mất \(deadLines) trong \(lines) đường truyền",
                    "\(deadLines) of \(lines) lines down"))
        }
        if let lossShare {
            let share = NumberWords.percent(lossShare)
            readings.append(
                reading(
                    .loss, AlarmSeverity(Quality.loss.grade(lossShare)), "mất gói \(share.vietnamese) %",
                    "\(share.english) % of packets lost"))
        }
        if let jitterMs {
            let ms = NumberWords(jitterMs).english
            readings.append(
                reading(
                    .jitter, AlarmSeverity(Quality.jitter.grade(jitterMs)), "trễ dao động \(ms) ms", "jitter \(ms) ms"))
        }
        return readings
    }

    private var media: [AlarmReading] {
        var readings: [AlarmReading] = []
        switch picture {
        case .frozen?: readings.append(reading(.frozenPicture, .warning, "hình đứng", "picture frozen"))
        case .absent?: readings.append(reading(.noPicture, .critical, "không có hình", "no picture"))
        case .moving?, nil: break
        }
        if hasSound == false { readings.append(reading(.noSound, .critical, "không có tiếng", "no sound")) }
        if let skew = lipSyncMs {
            let ms = NumberWords(abs(skew)).english
            readings.append(
                reading(
                    .lipSync, AlarmSeverity(Quality.grade(skew: skew)),
                    skew < 0 ? "tiếng sớm hơn hình \(ms) ms" : "tiếng trễ hơn hình \(ms) ms",
                    skew < 0 ? "sound \(ms) ms ahead of the picture" : "sound \(ms) ms behind the picture"))
        }
        return readings
    }

    private func reading(
        _ kind: AlarmKind, _ severity: AlarmSeverity, _ vietnamese: String, _ english: String
    ) -> AlarmReading {
        AlarmReading(kind: kind, severity: severity, words: Words("\(name): \(vietnamese)", "\(name): \(english)"))
    }
}

extension BridgeHealthSample {
    /// What is wrong with the bridge now.
    var readings: [AlarmReading] {
        var readings: [AlarmReading] = []
        let late = NumberWords.percent(lateTickShare)
        add(
            .lateTicks, Quality.lateTicks.grade(lateTickShare), "nhịp trộn trễ \(late.vietnamese) %",
            "\(late.english) % of ticks late", to: &readings)
        if let load {
            let share = NumberWords(load * 100).english
            add(.load, Quality.load.grade(load), "tải CPU \(share) %", "CPU load \(share) %", to: &readings)
        }
        if let concession {
            add(
                .overload, .warning, "quá tải, giảm \(concession.vietnamese)",
                "overloaded, less \(concession.english)", to: &readings)
        }
        if overflows > 0 {
            add(
                .overflow, .warning, "bỏ \(overflows) gói vì bộ đệm đầy",
                "\(overflows) packets dropped, socket buffer full", to: &readings)
        }
        if let freeDiskBytes {
            let gigabytes = NumberWords(Double(freeDiskBytes) / 1e9, digits: 1)
            add(
                .disk, Quality.grade(freeDiskBytes: freeDiskBytes), "đĩa ghi còn \(gigabytes.vietnamese) GB",
                "\(gigabytes.english) GB left for recordings", to: &readings)
        }
        return readings
    }

    private func add(
        _ kind: AlarmKind, _ grade: Grade, _ vietnamese: String, _ english: String, to readings: inout [AlarmReading]
    ) {
        guard grade > .good else { return }
        readings.append(
            AlarmReading(
                kind: kind, severity: AlarmSeverity(grade),
                words: Words("Máy chủ: \(vietnamese)", "Bridge: \(english)")))
    }
}
