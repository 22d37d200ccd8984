import Glibc
import TestSupport
import Testing

@Suite("Subprocess and ports")
struct SubprocessTests {
    @Test("keeps the output and the status")
    func output() throws {
        let peer = try Subprocess(["sh", "-c", "echo out; echo error >&2; exit 3"])
        #expect(peer.wait(seconds: 5) == 3)
        #expect(peer.output == "out\nerror\n")
        #expect(try Subprocess(["no-such-command-here"]).wait(seconds: 5) == 127)
    }

    @Test("waits for words, not longer than told")
    func words() throws {
        let peer = try Subprocess(["sh", "-c", "echo ready; sleep 30"])
        #expect(peer.wait(for: "ready", seconds: 5))
        #expect(peer.wait(seconds: 0.05) == nil)
        #expect(!peer.wait(for: "never", seconds: 0.05))
    }

    @Test("stops a peer that listens, and kills one that does not, with its children")
    func stop() throws {
        let polite = try Subprocess([
            "bash", "-c", "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done",
        ])
        #expect(polite.wait(for: "up", seconds: 5))
        // Signalled before it has noted its child's id, `timeout` ends at once and passes nothing on.
        usleep(100_000)
        #expect(polite.stop() == 7)
        #expect(polite.output.contains("bye"))

        let deaf = try Subprocess(["sh", "-c", "trap '' TERM; sleep 30 & echo child $!; while :; do sleep 1; done"])
        #expect(deaf.wait(for: "child", seconds: 5))
        let child = try #require(deaf.output.split(separator: " ").last.flatMap { Int32($0.dropLast()) })
        #expect(deaf.stop(seconds: 0.1) == 128 + SIGKILL)
        usleep(20_000)
        #expect(!isAlive(child))
    }

    @Test("ends the group when it goes")
    func lifetime() throws {
        var peer: Subprocess? = try Subprocess(["sh", "-c", "sleep 30 & echo $!; wait"])
        let word = try #require(peer).output
        #expect(try #require(peer).wait(for: "\n", seconds: 5), "\(word)")
        let child = try #require(peer?.output.split(separator: "\n").first.flatMap { Int32($0) })
        #expect(isAlive(child))
        peer = nil
        usleep(20_000)
        #expect(!isAlive(child))
    }

    @Test("a peer inherits none of our descriptors")
    func descriptors() throws {
        let descriptor = open("/dev/null", O_RDONLY)
        defer { close(descriptor) }
        let peer = try Subprocess(["sh", "-c", "test -e /proc/$$/fd/\(descriptor) && echo inherited; echo done"])
        #expect(peer.wait(seconds: 5) == 0)
        #expect(peer.output == "done\n")
    }

    @Test("a peer does not outlive its limit")
    func limit() throws {
        let peer = try Subprocess(["sleep", "30"], limit: 1)
        #expect(try #require(peer.wait(seconds: 5)) != 0)
    }

    @Test("blocks of ports are even, free and never the same")
    func ports() throws {
        let blocks = try (0..<20).map { _ in try #require(PortAllocator.block()) }
        #expect(Set(blocks).count == 20)
        for block in blocks {
            #expect(block.audio % 2 == 0 && block.videoRTCP == block.audio + 3)
            #expect(PortAllocator.isFree(block.video))
        }
    }

    /// Whether the process is there and not a zombie that waits for init.
    private func isAlive(_ pid: Int32) -> Bool {
        guard kill(pid, 0) == 0, let file = fopen("/proc/\(pid)/stat", "r") else { return false }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 256)
        let count = fread(&line, 1, line.count, file)
        return !String(decoding: line[..<count], as: UTF8.self).contains(") Z ")
    }
}
