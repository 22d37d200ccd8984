extension RTPSession {
    /// The unwrapped timestamp of a packet that the session did not get, since its copy came before: a jitter buffer
    /// notes by it how late the slower line is. `nil` if it is not of the active stream.
    package func timestamp(of header: RTPHeader) -> Int64? {
        guard let active, active.ssrc == header.ssrc else { return nil }
        return active.unwrap(header.timestamp)
    }
}
