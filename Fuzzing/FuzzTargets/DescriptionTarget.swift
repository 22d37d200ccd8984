import RTP

extension FuzzTarget {
    /// A session description: what is taken can be written, and is then read as the same.
    package static let sdp = FuzzTarget(
        "sdp", maximumSize: 8192,
        seeds: { descriptions.map { [UInt8]($0.utf8) } },
        run: { bytes in
            guard let description = try? SessionDescription.parse(String(decoding: bytes, as: UTF8.self)) else {
                return
            }
            promise(description.media.count <= SessionDescription.maximumMedia)
            let text = description.text
            // Written out, the names that are implied for static types make it longer.
            guard text.utf8.count <= SessionDescription.maximumSize,
                text.utf8.split(separator: 0x0A).allSatisfy({ $0.count <= SessionDescription.maximumLineSize })
            else { return }
            guard let again = try? SessionDescription.parse(text) else {
                broken("what was written can't be read: \(text)")
            }
            promise(again.text == text, "read again, it says something else: \(text)")
        })

    private static let descriptions = [
        """
        v=0
        o=- 0 0 IN IP4 127.0.0.1
        s=No Name
        c=IN IP4 10.20.3.10
        t=0 0
        m=video 5006 RTP/AVP 96
        b=AS:1500
        a=rtpmap:96 H264/90000
        a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LAH9kAUAW7ARAAAAMAEAAAAwPI8YMkgA==,aMuDyyA=; profile-level-id=42C01F

        """,
        """
        v=0\r
        o=- 1 2 IN IP6 fd00::3\r
        s=Huyện ủy Gia Bình\r
        c=IN IP6 fd00::3\r
        t=0 0\r
        a=sendonly\r
        a=group:DUP 1 2\r
        m=audio 16384 RTP/SAVPF 111 9 0 101\r
        a=rtpmap:111 opus/48000/2\r
        a=fmtp:111 stereo=1;useinbandfec=1;maxaveragebitrate=28000\r
        a=rtpmap:101 telephone-event/8000\r
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20\r
        a=rtcp:16400 IN IP6 fd00::3\r
        a=rtcp-mux\r
        a=ptime:20\r
        a=mid:1\r
        a=ssrc:3735928559 cname:x\r
        m=video 16386 UDP/TLS/RTP/SAVPF 97 98 99 100 101\r
        c=IN IP4 239.1.1.1/127/2\r
        a=rtpmap:98 VP8/90000\r
        a=rtpmap:97 H264/90000\r
        a=rtpmap:99 rtx/90000\r
        a=fmtp:99 apt=97;rtx-time=500\r
        a=rtpmap:100 red/90000\r
        a=rtpmap:101 ulpfec/90000\r
        a=rtcp-fb:* nack pli\r
        a=rtcp-fb:97 ccm tmmbr\r
        a=rtcp-fb:97 transport-cc\r
        a=extmap:3/sendonly http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r
        a=ssrc-group:FID 1 2\r
        a=sendrecv\r
        a=content:slides\r
        m=application 9 UDP/BFCP *\r

        """,
        "v=0\nm=audio 5004 RTP/AVP 8\nc=IN IP4 127.0.0.1\nm=video 0 RTP/AVP 99\na=rtpmap:99 H265/90000\n",
    ]
}
