import Hummingbird
import NIOCore

/// What is known of a request beside its head: from where it comes.
struct DeskContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The client's IP address, as text.
    let address: String

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}
