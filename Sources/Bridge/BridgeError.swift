import Media
import Mixer
import RTP

/// Why a bridge could not start. The message is for operators: it names the site.
package enum BridgeError: Error, CustomStringConvertible {
    case port(SiteID, medium: String, TransportError)
    case sound(SiteID?, AudioCodecError)

    package var description: String {
        switch self {
        case .port(let site, let medium, let error): "site \(site): \(medium): \(error)"
        case .sound(let site?, let error): "site \(site): audio: \(error)"
        case .sound(nil, let error): "audio: \(error)"
        }
    }
}
