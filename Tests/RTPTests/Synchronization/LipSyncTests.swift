import Media
import RTP
import Testing

@Suite struct LipSyncTests {
    @Test(arguments: [(0.06, 0.20), (0.06, 0.10), (0.10, 0.02), (0.05, 0.05), (0.25, 0.07), (0.02, 0.21)])
    func soundAndPictureMeetWithinTenSeconds(latencies: (Double, Double)) {
        let skew = (latencies.0 - latencies.1) * 1000
        var site = SyncedSite(audioLatency: latencies.0, videoLatency: latencies.1)
        site.run(seconds: 10)
        // What is seen by nobody is left alone; what is corrected, is corrected to the end.
        let reachable = skew > 100 ? skew - 100 : skew < -200 ? skew + 200 : (-40...60).contains(skew) ? skew : 0
        #expect(abs(site.skew - reachable) <= 20, "\(site.skew) ms from \(skew) ms")
        site.run(seconds: 50)
        #expect(abs((site.sync.skew?.milliseconds ?? .infinity) - site.skew) < 8)
        // Only the earlier one waits.
        #expect(site.sync.audioDelay == .zero || site.sync.videoDelay == .zero)
        #expect(site.sync.state == (skew > 160 ? .limited : .inSync))
    }

    @Test(arguments: [(100.0, -100.0), (-100, 100), (0, 100), (100, 100)])
    func theyStayTogetherForAnHourThoughTheClocksDrift(drifts: (Double, Double)) {
        var site = SyncedSite(audioLatency: 0.06, videoLatency: 0.15, audioDrift: drifts.0, videoDrift: drifts.1)
        site.run(seconds: 10)
        site.measure()
        site.run(seconds: 3590)
        #expect(site.worst <= 20)
        #expect(site.sync.state == .inSync)
        #expect(site.audio.clock.statistics.refused == 0)
    }

    @Test func aStepOfTheBuffersIsFollowedSlowly() {
        var site = SyncedSite(audioLatency: 0.06, videoLatency: 0.10)
        site.run(seconds: 20)
        site.measure()
        site.audio.latency += 0.08
        site.run(seconds: 30)
        #expect(abs(site.skew) <= 20)
        #expect(site.fastestChange < 0.0051)
        site.audio.latency -= 0.08
        site.video.latency += 0.03
        site.run(seconds: 40)
        #expect(abs(site.skew) <= 20)
        #expect(site.fastestChange < 0.0051)
    }

    @Test(arguments: [(0.06, 0.05), (0.05, 0.08), (0.09, 0.04)])
    func whatNobodySeesIsLeftAlone(latencies: (Double, Double)) {
        var site = SyncedSite(audioLatency: latencies.0, videoLatency: latencies.1)
        site.run(seconds: 60)
        #expect(site.sync.audioDelay == .zero && site.sync.videoDelay == .zero)
        #expect(site.sync.state == .inSync)
    }

    @Test(arguments: [true, false])
    func reportsOfOneStreamSayNothing(ofAudio: Bool) {
        var site = SyncedSite(audioLatency: 0.05, videoLatency: 0.15)
        site.audio.hasReports = ofAudio
        site.video.hasReports = !ofAudio
        site.run(seconds: 60)
        #expect(site.sync.skew == nil)
        #expect(site.sync.state == .unknown)
        #expect(site.sync.audioDelay == .zero && site.sync.videoDelay == .zero)
    }

    @Test func whenReportsEndTheDelayGoesSlowly() {
        var site = SyncedSite(audioLatency: 0.05, videoLatency: 0.15)
        site.run(seconds: 20)
        #expect(site.sync.audioDelay > .milliseconds(80))
        site.video.hasReports = false
        site.measure()
        site.run(seconds: 35)
        #expect(site.sync.state == .unknown)
        #expect(site.sync.audioDelay > .milliseconds(50))
        site.run(seconds: 30)
        #expect(site.sync.audioDelay == .zero)
        #expect(site.fastestChange < 0.0051)
    }

    @Test(arguments: [true, false])
    func whenAStreamEndsTheDelayGoes(isAudio: Bool) {
        var site = SyncedSite(audioLatency: 0.15, videoLatency: 0.07)
        site.run(seconds: 20)
        #expect(site.sync.videoDelay > .milliseconds(60))
        site.audio.isSending = !isAudio
        site.video.isSending = isAudio
        site.run(seconds: 40)
        #expect(site.sync.videoDelay == .zero)
        #expect(site.sync.skew == nil)
        // It is back.
        site.audio.isSending = true
        site.video.isSending = true
        site.run(seconds: 15)
        #expect(abs(site.skew) <= 20)
    }

    @Test(arguments: [-3.0, 1.5, 5000])
    func clocksThatHaveNothingInCommonAreNotBelieved(error: Double) {
        var site = SyncedSite(audioLatency: 0.05, videoLatency: 0.1)
        site.audio.error = error
        site.run(seconds: 60)
        #expect(!site.sync.isPlausible)
        #expect(site.sync.audioDelay == .zero && site.sync.videoDelay == .zero)
    }

    @Test(arguments: [0.7, 30, -30, -0.3])
    func aReportGoneWrongIsNotSeen(error: Double) {
        var site = SyncedSite(audioLatency: 0.05, videoLatency: 0.15)
        site.run(seconds: 20)
        site.measure()
        // One report of twelve.
        for _ in 0..<5 {
            site.video.error = error
            site.run(seconds: 5)
            site.video.error = 0
            site.run(seconds: 55)
        }
        #expect(site.worst <= 20)
        #expect(site.video.clock.statistics.refused == 5)
    }

    @Test(arguments: [0.7, -0.7, 3600])
    func aSitesClockThatIsSetIsNotSeen(step: Double) {
        var site = SyncedSite(audioLatency: 0.05, videoLatency: 0.15)
        site.run(seconds: 22)
        site.measure()
        site.audio.error = step
        site.video.error = step
        site.run(seconds: 60)
        #expect(site.worst <= 25)
        #expect(site.audio.clock.statistics.settings == 1)
        #expect(site.video.clock.statistics.settings == 1)
        #expect(site.sync.isPlausible)
    }

    @Test func aClockOfTheWrongRateMovesNothingFar() {
        var site = SyncedSite(audioLatency: 0.05, videoLatency: 0.05)
        site.audio.rate = 2
        site.run(seconds: 120)
        #expect(abs(site.skew) <= 200)
        #expect(site.sync.audioDelay <= .milliseconds(30) && site.sync.videoDelay <= .milliseconds(30))
    }

    @Test func anotherStreamIsSyncedAnew() {
        var site = SyncedSite(audioLatency: 0.05, videoLatency: 0.15)
        site.run(seconds: 20)
        site.sync.streamChanged()
        #expect(site.sync.skew == nil)
        site.video.latency = 0.05
        site.run(seconds: 10)
        #expect(abs(site.skew) <= 20)
    }

    @Test func anyMomentsMayBeTold() {
        var sync = LipSync()
        var random = SeededGenerator(seed: 11)
        for index in 0..<100_000 {
            let now = Instant.milliseconds(index * 7)
            let far = NTPTime(rawValue: .random(in: 0 ... .max, using: &random))
            sync.soundPlayed(Bool.random(using: &random) ? far : nil, at: now)
            sync.pictureShown(NTPTime(rawValue: .random(in: 0 ... .max, using: &random)), at: now)
            sync.update(at: now)
        }
        #expect(sync.audioDelay <= LipSync.longestAudioDelay && sync.videoDelay <= LipSync.longestVideoDelay)
    }
}
