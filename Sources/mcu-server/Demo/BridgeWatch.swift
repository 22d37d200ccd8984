import Bridge
import Console
import Foundation
import Synchronization

/// The newest that a bridge said of itself, and its newest pictures. Asked for beside the demo's own beat, which never
/// waits for an answer.
final class BridgeWatch: Sendable {
    struct News: Sendable {
        var report: StatusReport?
        /// The picture files that are fresh.
        var files: [String] = []
    }

    private let client: BridgeClient
    private let pictures: PictureSaver
    private let state = Mutex((news: News(), isAsking: false))

    init(client: BridgeClient, pictures: PictureSaver) {
        self.client = client
        self.pictures = pictures
    }

    var news: News { state.withLock { $0.news } }
    var isAsking: Bool { state.withLock { $0.isAsking } }

    /// Asks, unless the last answer is still awaited.
    func refresh(withPictures: Bool) {
        let isFree = state.withLock { state in
            defer { state.isAsking = true }
            return !state.isAsking
        }
        guard isFree else { return }
        Task { [self] in
            let report = try? await client.report()
            let files = withPictures ? await pictures.save() : nil
            state.withLock { state in
                state.news.report = report ?? state.news.report
                state.news.files = files ?? state.news.files
                state.isAsking = false
            }
        }
    }
}
