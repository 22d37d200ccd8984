import Media

/// What a measurement means: how good the site is, and why.
package struct LineAssessment {
    /// In the order in which they are to be looked at: line, picture, sound. Nothing is said twice: of a dead line only that.
    package private(set) var reasons: [LineReason] = []

    /// Of the worst.
    package var grade: Grade { reasons.map(\.grade).max() ?? .good }

    /// Of the blocks, how many must be silent or zeros for the sound to be.
    private static let silentShare = 0.95
    /// Sound that must have been heard to judge it, in seconds.
    private static let leastHeard = 1.0
    /// Of the pictures, how many must differ for the picture to move: a camera's noise alone makes all of them.
    private static let movingShare = 0.01

    package init(_ measurement: LineMeasurement) { assess(measurement) }

    private mutating func assess(_ measurement: LineMeasurement) {
        guard measurement.seconds > 0 else {
            return add(.notMeasured, .warning, "chưa đo được", "not measured")
        }
        let packets = (measurement.picture?.stream.packets ?? 0) + (measurement.sound?.packets ?? 0)
        guard packets > 0 else { return add(.lineDown, .bad, "không có tín hiệu", "no signal") }
        assessLine(measurement)
        if let picture = measurement.picture { assess(picture) }
        if let sound = measurement.sound { assess(sound, measurement) }
        if let skew = measurement.lipSyncMs { assess(skew: skew) }
    }

    private mutating func add(_ trouble: LineTrouble, _ grade: Grade, _ vietnamese: String, _ english: String) {
        guard grade > .good else { return }
        reasons.append(LineReason(trouble, grade, Words(vietnamese, english)))
    }

    private mutating func assessLine(_ measurement: LineMeasurement) {
        if let loss = measurement.lossShare {
            let share = NumberWords.percent(loss)
            add(
                .loss, Quality.loss.grade(loss), "mất gói \(share.vietnamese) %", "\(share.english) % of packets lost")
        }
        if let jitter = measurement.jitterMs {
            let ms = NumberWords(jitter).english
            add(.jitter, Quality.jitter.grade(jitter), "trễ dao động \(ms) ms", "jitter \(ms) ms")
        }
        if let roundTrip = measurement.roundTripMs {
            let ms = NumberWords(roundTrip).english
            add(.roundTrip, Quality.roundTrip.grade(roundTrip), "độ trễ khứ hồi \(ms) ms", "round trip \(ms) ms")
        }
    }

    private mutating func assess(_ picture: LineMeasurement.Picture) {
        guard picture.stream.packets > 0 else { return add(.noPicture, .bad, "không có hình", "no picture") }
        guard picture.decoded > 0 else {
            return add(.undecodable, .bad, "có gói nhưng không ra hình", "packets come, but no picture")
        }
        let rate = NumberWords(picture.fps, digits: 1)
        add(
            .frameRate, Quality.grade(frameRate: picture.fps), "chỉ \(rate.vietnamese) hình/s",
            "only \(rate.english) pictures/s")
        if Double(picture.changed) < Self.movingShare * Double(picture.decoded) {
            return add(.still, .warning, "hình không chuyển động", "the picture does not move")
        }
        let seconds = NumberWords(picture.standstillSeconds, digits: 1)
        add(
            .frozen, Quality.standstill.grade(picture.standstillSeconds), "hình đứng \(seconds.vietnamese) s",
            "picture frozen for \(seconds.english) s")
    }

    private mutating func assess(_ sound: LineMeasurement.Stream, _ measurement: LineMeasurement) {
        guard sound.packets > 0 else { return add(.noSound, .bad, "không có tiếng", "no sound") }
        if let heard = measurement.heard, heard.seconds >= Self.leastHeard { assess(heard) }
        if let echo = measurement.echo, let attenuation = echo.attenuationDb, let delay = echo.delayMs {
            let (decibels, ms) = (NumberWords(attenuation).english, NumberWords(delay).english)
            add(
                .echo, Quality.grade(echo: attenuation), "tiếng vọng sau \(ms) ms, nhỏ hơn \(decibels) dB",
                "echo after \(ms) ms, \(decibels) dB down")
        }
    }

    private mutating func assess(_ heard: SoundFinding) {
        if heard.zeroShare >= Self.silentShare {
            return add(.switchedOff, .bad, "tiếng bị tắt ở điểm cầu", "sound is switched off at the site")
        }
        let level = NumberWords(heard.meanDbov).english
        if heard.silentShare >= Self.silentShare {
            add(.silent, .warning, "im lặng (\(level) dB)", "silent (\(level) dB)")
        } else if heard.meanDbov < Quality.quiet {
            add(.quiet, .warning, "tiếng nhỏ (\(level) dB)", "sound is low (\(level) dB)")
        }
        let clipped = NumberWords.percent(heard.clippedShare)
        add(
            .clipping, Quality.clipping.grade(heard.clippedShare), "tiếng bị vỡ (\(clipped.vietnamese) %)",
            "sound is clipped (\(clipped.english) %)")
        let offset = NumberWords.percent(abs(heard.offset))
        add(
            .offset, Quality.offset.grade(abs(heard.offset)), "tiếng lệch một chiều \(offset.vietnamese) %",
            "DC offset \(offset.english) %")
        let floor = NumberWords(heard.noiseFloorDbov).english
        add(
            .noise, Quality.noise.grade(heard.noiseFloorDbov), "tiếng ồn nền \(floor) dB",
            "background noise \(floor) dB")
        if let hum = heard.hum {
            let loud = NumberWords(hum.levelDbov).english
            add(
                .hum, Quality.hum.grade(hum.levelDbov), "tiếng ù điện \(hum.mainsHz) Hz (\(loud) dB)",
                "mains hum of \(hum.mainsHz) Hz (\(loud) dB)")
        }
    }

    private mutating func assess(skew: Double) {
        let ms = NumberWords(abs(skew)).english
        add(
            .lipSync, Quality.grade(skew: skew),
            skew < 0 ? "tiếng sớm hơn hình \(ms) ms" : "tiếng trễ hơn hình \(ms) ms",
            skew < 0 ? "sound \(ms) ms ahead of the picture" : "sound \(ms) ms behind the picture")
    }
}
