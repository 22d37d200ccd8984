/// The page under the flags of `run`: what they can't say in a line each.
package enum ConfigurationHelp {
    package static let text = """
        KEYS OF --site, --uplink AND --downlink
          id=ID                    the word you type and logs carry: a-z, 0-9, "-", "_", "."
          name=TEXT                drawn on the picture; a comma in it is "\\,", or quote it: name="A, B"
          audio=PORT video=PORT    where its packets come in here; RTCP on the same port and the next
          to=HOST:PORT             where ours go: audio to PORT, video to PORT+2
          audio-to=, video-to=     the same, said apart
          from=HOST|any            whose packets are taken; as a rule those of the "to" host only
          sdp=FILE                 ports, codecs, payload types, parameter sets, keys and repair from the SDP file of
                                   what the site sends (ffmpeg -sdp_file): m= is the port here. "to" still says where
                                   ours goes; other keys win over the file. Without "to" and "from", any host may send
          video-codec=h264/96      codec and payload type, both ways; h264, h265, vp8, vp9
          audio-codec=opus/111     opus, pcma, pcmu, g722; pcma alone means pcma/8
          size= fps= video-bitrate= audio-bitrate= layout=     its own instead of its program's
          profile=constrained-baseline|high  packetization-mode=0|1     of the H.264 it is sent
          gain=DB  mute=true  rtcp-mux=true  fit=letterbox|crop
          play=FILE|URL|none       of --site: what is its picture and sound, over and over by loop=yes. A URL (rtsp, srt, udp,
                                   rtmp, http …) is tried again every 3 s; none waits for what an operator lets it play.
                                   Besides it may say id, name, fit, gain and mute; it has no ports and is sent nothing
          slides=PORT              of --site: where its second picture comes in, its slides; the site is "ID.slides" there, and
                                   layout presenter shows it large as long as it comes. In an SDP file: a=content:slides
          slides-to=HOST:PORT|none where the slides of others go as a stream of their own; as a rule to PORT+4 of "to"
          slides-size= slides-fps= slides-bitrate=     of that stream: 1920x1080, 5 and 1500k
          backup=ID                of --uplink and --downlink: a second feed of the link ID. It stands for ID when nothing
                                   comes from there for 0.5 s, until ID has lived for 2 s; it is sent what ID is sent
         A second line that carries the same packets, so that either may fail
          audio2=PORT video2=PORT  where they come in here; RTCP on the same port and the next
          to2=HOST:PORT            where ours go too: audio to PORT, video to PORT+2; or audio-to2=, video-to2=
         SRTP with keys from here or from the SDP file's a=crypto
          srtp=SUITE               AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32, AEAD_AES_128_GCM or AEAD_AES_256_GCM
          srtp-in=KEY              what the site sends with: key and salt in base 64. All on this machine can see flags:
                                   better @FILE, a file with nothing else in it
          srtp-out=KEY             what we send with; made anew at each start if it isn't said, for ID.sdp in --sdp-dir
         Packets that get lost
          ptime=20|40              what a packet of sound that it is sent lasts, in ms: with 40 there are half as many,
                                   and it hears 20 ms later
          jitter=20-200            the least and the most that the sound's jitter buffer holds, in ms
          adapt=yes|no             whether the rate of its pictures follows what its line carries; as a rule, yes
          feedback=nack+pli        the RTCP feedback for pictures: nack, pli, fir, tmmbr, remb, transport-cc; or none;
                                   or standard, which is all but transport-cc
          rtx=PT ulpfec=PT red=PT  payload types of retransmissions (RFC 4588), FEC (RFC 5109) and of the redundant
                                   format that FEC comes in (RFC 2198), both ways
          audio-level=ID           the id of the header extension with the levels of those in a mix (RFC 6465), 1-14
          transport-cc=ID          the id of the header extension with transport-wide numbers, 1-14

        KEYS OF --program
          id=ID                    "room" is the program of all sites that no other program names
          to=ID+ID                 the sites that get it
          layout=  size=  fps=  fit=     as the flags, which it takes where it says nothing
          sound=all|none|ID+ID     whose sound it carries; nobody hears himself
          alarms=yes|no            whether loops that were cut and links that are lost stand across its picture's bottom
          An uplink that no program names gets the program "return": the speaker, full screen. In a program that only
          uplinks see, the speaker is one of this side, and the hub (--hub) when nobody here was heard for 10 s.

        WHERE A SETTING COMES FROM
          A flag wins over the environment (MCU_LAYOUT, MCU_TOKEN, …), that over the config file, that over the
          default. The config file has the flags' names as keys, and lists: sites, uplinks, downlinks, programs. A
          --site with the id of one in the file changes that one, key by key.

            layout: 3x3
            sites:
              - id: gia-binh
                name: Huyện ủy Gia Bình
                audio: 5004
                video: 5006
                to: 10.20.3.10:5004
              - "id=que-vo,sdp=que-vo.sdp"

        EXAMPLES
          mcu-server run --site "id=gia-binh,name=Huyện ủy Gia Bình,audio=5004,video=5006,to=10.20.3.10:5004" \\
            --site "id=que-vo,sdp=que-vo.sdp,to=10.20.4.10:5004" --layout 1+5
          mcu-server run --config mcu-server.yaml --layout "A A speaker / A A gia-binh / * * *"
          mcu-server run --config mcu-server.yaml --site "id=gia-binh,mute=true"

        EXIT CODES
          0 ended by SIGTERM or SIGINT; 1 it failed while running; 2 a flag is wrong; 78 the config file is wrong.
        """
}
