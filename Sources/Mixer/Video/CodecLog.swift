import CFFmpeg
import Media

/// What libavcodec has to say. A hostile or broken stream makes it print thousands of lines a second, so nothing is
/// printed: the lines are counted, for the process.
package enum CodecLog {
    /// Lines of error or worse.
    package static let errors = Counter()
    /// Lines of warning.
    package static let warnings = Counter()

    /// Takes libavcodec's log over, once a process; every codec does it before it opens.
    static func takeOver() { _ = installed }

    private static let installed: Bool = {
        av_log_set_callback { _, level, _, _ in
            if level <= AV_LOG_ERROR {
                CodecLog.errors.add()
            } else if level <= AV_LOG_WARNING {
                CodecLog.warnings.add()
            }
        }
        return true
    }()

    /// libavutil's words for an error code.
    static func message(_ code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            av_strerror(code, buffer.baseAddress, buffer.count)
            return String(cString: buffer.baseAddress!)
        }
    }
}
