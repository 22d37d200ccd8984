import CFFmpeg
import Glibc
import Media

/// Why a file or a URL can't be read or written. The message is for operators.
package enum MediaFileError: Error, Hashable {
    /// No such file, folder or page.
    case notFound(MediaLocation)
    /// It is there, and we may not.
    case notPermitted(MediaLocation)
    /// A recording would take the place of something.
    case alreadyThere(MediaLocation)
    /// It is something else: a folder, a text, a protocol or a name that isn't known.
    case notMedia(MediaLocation, expected: String)
    /// Media, with nothing in it that can be played.
    case nothingToPlay(MediaLocation, reason: String)
    /// Pictures beyond the limit.
    case tooLarge(MediaLocation, size: Size, limit: Size)
    /// The peer can't be reached, or has gone.
    case unreachable(MediaLocation, reason: String)
    /// The deadline came first.
    case timedOut(MediaLocation)
    /// Somebody cancelled.
    case cancelled(MediaLocation)
    /// No room left on the disk, or none for us.
    case diskFull(MediaLocation)
    /// Media that breaks off or is broken.
    case damaged(MediaLocation, reason: String)
    /// The container doesn't take what it was asked to.
    case unsuitable(MediaLocation, expected: String)
    /// What libavformat or the system has to say.
    case failed(MediaLocation, reason: String)

    /// What an error code of libavformat means for `location`.
    static func of(_ code: Int32, _ location: MediaLocation, _ interruption: Interruption?) -> MediaFileError {
        if let interruption {
            // Whatever libavformat makes of being interrupted.
            if interruption.isCancelled { return .cancelled(location) }
            if interruption.isDue, code != cffmpeg_error(ENOSPC) { return .timedOut(location) }
        }
        switch code {
        case cffmpeg_error_exit(), cffmpeg_error(ETIMEDOUT): return .timedOut(location)
        case cffmpeg_error(ENOSPC), cffmpeg_error(EDQUOT): return .diskFull(location)
        case cffmpeg_error(ENOENT), cffmpeg_error(ENOTDIR), cffmpeg_error_http_not_found(): return .notFound(location)
        case cffmpeg_error(EACCES), cffmpeg_error(EPERM), cffmpeg_error(EROFS), cffmpeg_error_http_unauthorized(),
            cffmpeg_error_http_forbidden():
            return .notPermitted(location)
        case cffmpeg_error(EEXIST): return .alreadyThere(location)
        case cffmpeg_error_invalid_data(), cffmpeg_error_no_demuxer():
            return .notMedia(location, expected: Self.playable)
        case cffmpeg_error_no_protocol(): return .notMedia(location, expected: Self.playable)
        default:
            let reason = CodecLog.message(code)
            return location.isFile ? .failed(location, reason: reason) : .unreachable(location, reason: reason)
        }
    }

    /// What can be played, in words.
    static let playable =
        "a film, sound or picture such as mp4, mkv, mov, mp3, wav, png or jpg, or a URL of "
        + MediaLocation.readableSchemes.joined(separator: ", ")
}

extension MediaFileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let location): "\(location): there is no such file"
        case .notPermitted(let location): "\(location): access is not permitted"
        case .alreadyThere(let location): "\(location): there is a file of this name already; it is kept"
        case .notMedia(let location, let expected): "\(location): can't be used; expected \(expected)"
        case .nothingToPlay(let location, let reason): "\(location): nothing in it can be played: \(reason)"
        case .tooLarge(let location, let size, let limit):
            "\(location): its pictures of \(size) are too large; expected \(limit) at most"
        case .unreachable(let location, let reason): "\(location): can't be reached: \(reason)"
        case .timedOut(let location): "\(location): gave no answer in time"
        case .cancelled(let location): "\(location): stopped by the operator"
        case .diskFull(let location): "\(location): the disk is full"
        case .damaged(let location, let reason): "\(location): is damaged: \(reason)"
        case .unsuitable(let location, let expected): "\(location): can't hold this; expected \(expected)"
        case .failed(let location, let reason): "\(location): \(reason)"
        }
    }
}
