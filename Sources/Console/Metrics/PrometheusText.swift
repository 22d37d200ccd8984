import Bridge

/// The body of `GET /metrics`, from the bridge's status. Kept between pages, since what counts must not fall.
package struct PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let conference: String
    private let version: String
    private var lost = CounterFloors()

    /// - Parameters:
    ///   - conference: the value of the label of that name.
    ///   - version: the bridge's.
    package init(conference: String, version: String) {
        self.conference = conference
        self.version = version
    }

    /// - Parameter process: what the system says of this process; `nil`: it doesn't.
    package mutating func page(_ report: StatusReport, process: ProcessUsage?) -> String {
        var page = MetricPage()
        page.family("mcu_build_info", .gauge, "The version that runs, as a label; always 1.") {
            $0.add([("version", version)], 1)
        }
        page.family("mcu_uptime_seconds", .gauge, "Time since the bridge started.") {
            $0.add([("conference", conference)], report.uptimeSeconds)
        }
        addSites(report, to: &page)
        addReceived(report, to: &page)
        addSent(report, to: &page)
        addPrograms(report, to: &page)
        process?.add(to: &page)
        lost.finishPage()
        return page.text
    }

    private func labels(_ site: SiteStatus) -> MetricPage.Labels { [("conference", conference), ("site", site.id)] }

    private func labels(_ site: SiteStatus, media: String) -> MetricPage.Labels {
        labels(site) + [("media", media)]
    }

    private func addSites(_ report: StatusReport, to page: inout MetricPage) {
        page.family("mcu_site_up", .gauge, "1 while the site is seen, or of a site without a picture heard; else 0.") {
            for site in report.sites { $0.add(labels(site), site.isUp ? 1 : 0) }
        }
        page.family("mcu_site_sound_level_dbov", .gauge, "Level of the site's sound; absent in silence.") {
            for site in report.sites { $0.add(labels(site), site.levelDbov) }
        }
        page.family("mcu_rtcp_round_trip_seconds", .gauge, "Round trip by RTCP.") {
            for site in report.sites { $0.add(labels(site), site.rttMs.map { $0 / 1000 }) }
        }
        page.family("mcu_av_skew_seconds", .gauge, "How much later the sound is than its picture.") {
            for site in report.sites { $0.add(labels(site), site.lipSyncMs.map { $0 / 1000 }) }
        }
    }

    private mutating func addReceived(_ report: StatusReport, to page: inout MetricPage) {
        counter("mcu_rtp_packets_received_total", "RTP packets taken.", report, \.packets, \.packets, to: &page)
        counter("mcu_rtp_bytes_received_total", "Payload of the packets taken.", report, \.bytes, \.bytes, to: &page)
        page.family(
            "mcu_rtp_packets_lost_total", .counter, "Packets expected less received, what was repaired not counted."
        ) { family in
            for site in report.sites {
                for (media, count) in [("video", site.videoIn?.lost), ("audio", site.audioIn?.lost)] {
                    guard let count else { continue }
                    let labels = labels(site, media: media)
                    family.add(labels, lost.raise(family.series(labels), to: Double(count)))
                }
            }
        }
        page.family("mcu_rtp_packets_discarded_total", .counter, "Packets not taken, by reason.") {
            for site in report.sites {
                for (reason, count) in site.discarded { $0.add(labels(site) + [("reason", reason)], Double(count)) }
            }
        }
        page.family("mcu_rtp_packets_recovered_total", .counter, "Lost packets brought back, by means.") {
            for site in report.sites {
                let video = labels(site, media: "video")
                $0.add(video + [("means", "nack")], site.videoIn.map { Double($0.repaired) })
                $0.add(video + [("means", "fec")], site.videoIn.map { Double($0.fecRecovered) })
                $0.add(
                    labels(site, media: "audio") + [("means", "fec")], site.audioIn.map { Double($0.recovered) })
            }
        }
        page.family("mcu_rtp_jitter_seconds", .gauge, "Interarrival jitter (RFC 3550).") {
            for site in report.sites {
                $0.add(labels(site, media: "video"), site.videoIn.map { $0.jitterMs / 1000 })
                $0.add(labels(site, media: "audio"), site.audioIn.map { $0.jitterMs / 1000 })
            }
        }
        video("mcu_video_frames_decoded_total", "Pictures decoded.", report, \.framesDecoded, to: &page)
        video(
            "mcu_video_frames_dropped_total", "Pictures held back because packets of theirs were lost.", report,
            \.framesDropped, to: &page)
        video("mcu_decode_errors_total", "Pictures that could not be decoded.", report, \.decodeErrors, to: &page)
        page.family("mcu_keyframe_requests_total", .counter, "PLI and FIR, by direction.") {
            for site in report.sites {
                $0.add(
                    labels(site) + [("direction", "out")], site.videoIn.map { Double($0.keyframeRequestsSent) })
            }
        }
        page.family("mcu_audio_concealed_seconds_total", .counter, "Sound made up for what was lost.") {
            for site in report.sites { $0.add(labels(site), site.audioIn.map { Double($0.concealedMs) / 1000 }) }
        }
        page.family("mcu_audio_delay_seconds", .gauge, "What the jitter buffer adds.") {
            for site in report.sites { $0.add(labels(site), site.audioIn.map { $0.delayMs / 1000 }) }
        }
    }

    /// A counter of both media, as they come in.
    private func counter(
        _ name: String, _ help: String, _ report: StatusReport, _ video: KeyPath<VideoInStatus, Int>,
        _ audio: KeyPath<AudioInStatus, Int>, to page: inout MetricPage
    ) {
        page.family(name, .counter, help) {
            for site in report.sites {
                $0.add(labels(site, media: "video"), site.videoIn.map { Double($0[keyPath: video]) })
                $0.add(labels(site, media: "audio"), site.audioIn.map { Double($0[keyPath: audio]) })
            }
        }
    }

    private func video(
        _ name: String, _ help: String, _ report: StatusReport, _ count: KeyPath<VideoInStatus, Int>,
        to page: inout MetricPage
    ) {
        page.family(name, .counter, help) {
            for site in report.sites { $0.add(labels(site), site.videoIn.map { Double($0[keyPath: count]) }) }
        }
    }

    private func addSent(_ report: StatusReport, to page: inout MetricPage) {
        page.family("mcu_rtp_packets_sent_total", .counter, "RTP packets sent.") {
            for site in report.sites {
                $0.add(labels(site, media: "video"), site.videoOut.map { Double($0.packets) })
                $0.add(labels(site, media: "audio"), site.audioOut.map { Double($0.packets) })
            }
        }
        page.family("mcu_rtp_bytes_sent_total", .counter, "Payload of the packets sent.") {
            for site in report.sites {
                $0.add(labels(site, media: "video"), site.videoOut.map { Double($0.bytes) })
                $0.add(labels(site, media: "audio"), site.audioOut.map { Double($0.bytes) })
            }
        }
        page.family("mcu_rtp_send_errors_total", .counter, "Packets that the system refused to send.") {
            for site in report.sites { $0.add(labels(site), site.videoOut.map { Double($0.failed) }) }
        }
    }

    private func addPrograms(_ report: StatusReport, to page: inout MetricPage) {
        let labels: MetricPage.Labels = [("conference", conference)]
        let audio = report.audio
        page.family("mcu_mix_ticks_total", .counter, "Ticks of the sound's mix, 20 ms each.") {
            $0.add(labels, Double(audio.ticks))
        }
        page.family("mcu_mix_tick_late_total", .counter, "Those that began too late to be on time.") {
            $0.add(labels, Double(audio.lateTicks))
        }
        page.family("mcu_mix_tick_duration_mean_seconds", .gauge, "Work of a tick in the last second, on average.") {
            $0.add(labels, audio.tickUsMean / 1e6)
        }
        page.family("mcu_mix_tick_duration_max_seconds", .gauge, "The most work of a tick in the last second.") {
            $0.add(labels, audio.tickUsMax / 1e6)
        }
        page.family("mcu_governor_step", .gauge, "What gives way to overload: 0 nothing, 4 all that may.") {
            $0.add(labels, Double(Concession.allCases.first { $0.word == report.governor.givesWay }?.rawValue ?? 0))
        }
        page.family("mcu_governor_gave_way_total", .counter, "Steps that the governor gave way.") {
            $0.add(labels, Double(report.governor.gaveWay))
        }
        program("mcu_program_frames_total", "Canvases composed.", report, \.frames, to: &page)
        program("mcu_program_tick_late_total", "Ticks of pictures that ran late.", report, \.lateTicks, to: &page)
        program("mcu_program_tick_dropped_total", "Ticks of pictures left out.", report, \.droppedTicks, to: &page)
        page.family("mcu_program_compose_duration_mean_seconds", .gauge, "Time to paint a canvas, on average.") {
            for program in report.programs { $0.add(labels + [("program", program.id)], program.composeMs / 1000) }
        }
        encode("mcu_encode_frames_total", .counter, "Pictures encoded.", report, { Double($0.frames) }, to: &page)
        encode("mcu_encode_errors_total", .counter, "Pictures not encoded.", report, { Double($0.errors) }, to: &page)
        encode(
            "mcu_encode_dropped_total", .counter, "Pictures left out because the encoder was behind.", report,
            { Double($0.dropped) }, to: &page)
        encode(
            "mcu_encode_duration_mean_seconds", .gauge, "Time to encode and send a picture, on average.", report,
            { $0.encodeMsMean / 1000 }, to: &page)
        encode(
            "mcu_encode_duration_max_seconds", .gauge, "The longest of the last second.", report,
            { $0.encodeMsMax / 1000 }, to: &page)
    }

    private func program(
        _ name: String, _ help: String, _ report: StatusReport, _ count: KeyPath<ProgramStatus, Int>,
        to page: inout MetricPage
    ) {
        page.family(name, .counter, help) {
            for program in report.programs {
                $0.add([("conference", conference), ("program", program.id)], Double(program[keyPath: count]))
            }
        }
    }

    private func encode(
        _ name: String, _ kind: MetricPage.Kind, _ help: String, _ report: StatusReport,
        _ value: (EncodeGroupStatus) -> Double, to page: inout MetricPage
    ) {
        page.family(name, kind, help) {
            for group in report.encodeGroups {
                $0.add(
                    [("conference", conference), ("program", group.program), ("group", group.id)], value(group))
            }
        }
    }
}

extension SiteStatus {
    fileprivate var isUp: Bool { videoIn == nil ? levelDbov != nil : state != "slate" }

    /// Packets not taken, by the reasons' names of these metrics, in order.
    fileprivate var discarded: [(reason: String, count: Int)] {
        var counts: [String: Int] = [:]
        for (cause, count) in dropped {
            let reason = cause == "kernel" ? "overflow" : cause == "unauthenticated" ? "auth" : cause
            counts[reason, default: 0] += count
        }
        if videoIn != nil || audioIn != nil {
            counts["late", default: 0] += (videoIn?.late ?? 0) + (audioIn?.late ?? 0)
            counts["dup", default: 0] += videoIn?.duplicate ?? 0
        }
        return counts.map { (reason: $0.key, count: $0.value) }.sorted { $0.reason < $1.reason }
    }
}
