import Conference
import Console
import FuzzTargets
import Media

/// What operators write: a mistake in it is refused with a line and a reason, and stops nothing.
extension FuzzTarget {
    /// Every target of Console, and of Conference below it.
    package static let ofConsole: [FuzzTarget] = [.configurationFile, .keyValueList, .layout, .linkAnnouncement]

    /// The config file: YAML, then all that is read from it.
    package static let configurationFile = FuzzTarget(
        "config-file", maximumSize: 4096, seeds: { files.map { [UInt8]($0.utf8) } },
        run: { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            do throws(Refusals) {
                let layer = try ConfigurationFile.parse(text, path: "mcu.yaml")
                guard layer.readsNoFiles else { return }
                _ = try PlanBuilder.build([layer])
            } catch {
                check(error)
            }
        })

    /// The value of `--site` and the like, read as a list of pairs and as a site.
    package static let keyValueList = FuzzTarget(
        "key-value-list", maximumSize: 1024, seeds: { lists.map { [UInt8]($0.utf8) } },
        run: { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let pairs = try? KeyValueList(text).pairs else { return }
            promise(Set(pairs.map(\.key)).count == pairs.count, "a key came twice")
            do {
                let origin = Origin.flag("--site", position: 1)
                let specification = try Specification(collection: .sites, origin: origin, text: text)
                let layer = ConfigurationLayer(specifications: [specification])
                guard layer.readsNoFiles else { return }
                _ = try PlanBuilder.build([layer])
            } catch let error as Refusals {
                check(error)
            } catch {
                promise(!"\(error)".isEmpty, "refused without a word")
            }
        })

    /// A layout by name or drawing: what is taken can be written, and is then the same.
    package static let layout = FuzzTarget(
        "layout", maximumSize: 1024,
        seeds: {
            ["auto", "3x3", "1+12", "A A speaker / A A gia-binh / * * *", "pip", ". *"].map { [UInt8]($0.utf8) }
        },
        run: { bytes in
            let sites = Set(["gia-binh", "que-vo"].compactMap(SiteID.init))
            let text = String(decoding: bytes, as: UTF8.self)
            guard let layout = try? Layout.parse(text, knownSites: sites) else { return }
            guard let again = try? Layout.parse(layout.description, knownSites: sites) else {
                broken("what was written can't be read: \(layout)")
            }
            promise(again.description == layout.description, "read again, \(layout) is \(again)")
        })

    private static func check(_ refusals: Refusals) {
        promise(!refusals.isEmpty && !refusals.description.isEmpty, "refused without a word")
    }

    private static let files = [
        """
        # the weekly briefing
        layout: 1+5
        size: 640x360
        fps: 25
        video-bitrate: 800k
        gop: 2s
        http: off
        sites:
          - id: gia-binh
            name: Huyện ủy Gia Bình
            audio: 5004
            video: 5006
            to: 10.20.3.10:5004
            mute: yes
          - "id=que-vo,name=\\"Quế Võ, Bắc Ninh\\",audio=5014,video=5016,to=10.20.4.10:5004"
        uplinks:
          - {id: trung-uong, name: Trung ương, audio: 5104, video: 5106, to: "10.0.0.2:7004"}
        programs:
          - id: return
            to: [trung-uong, que-vo]
            layout: "A A speaker / A A gia-binh / * * *"
            sound: gia-binh+que-vo

        """,
        "a: &a [x,x]\nb: &b [*a,*a]\nsites: [*b,*b]\n", "- a\n- b\n", "fps: [30]\n? [a, b]\n: !!binary aGk=\n",
        "sites:\n  - 3\n  - [a]\n  - {id: a, video: {port: 6000}}\n", "<<: {fps: 30}\nfps: ~\n--- x\n...\n",
    ]

    private static let lists = [
        "id=gia-binh,name=Huyện ủy Gia Bình,audio=5004,video=5006,to=10.20.3.10:5004",
        "id=que-vo,name=\"Quế Võ, \\\"Bắc Ninh\\\"\",audio=5014,video=5016,audio-to=[fd00::1]:5004,video-to=h:1",
        "id=a,video=6000,from=any,video-codec=h265/98,audio-codec=pcma/8,size=640x360,fps=25,gain=-6.5,fit=crop",
        "id=a,video=6000,name=x\\,y,from=10.0.0.0/8,layout=A A * / A A *,video-bitrate=1.5M,rtcp-mux=on,mute=true",
    ]
}

extension ConfigurationLayer {
    /// Whether nothing in it names a file: a fuzzer must not go through the machine's.
    fileprivate var readsNoFiles: Bool {
        specifications.allSatisfy { specification in
            specification.fields.allSatisfy { !["sdp", "srtp-in", "srtp-out"].contains($0.key) }
        }
    }
}
