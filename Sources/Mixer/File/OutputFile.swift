import CFFmpeg
import Glibc
import Media

/// A file that libavformat writes through us, so that we know what the system said, and can have what was written put onto
/// the disk. An existing file is never overwritten. Confined to its muxer's queue.
final class OutputFile {
    /// Borrowed by the muxer, which must go first.
    let io: UnsafeMutablePointer<AVIOContext>
    /// Bytes written since the last `synchronize`.
    private(set) var unsynchronized = 0

    private let descriptor: Int32

    /// What is written at once at most, in bytes.
    private static let bufferSize = 64 << 10

    init(_ location: MediaLocation) throws(MediaFileError) {
        var status = stat()
        let isThere = stat(location.path, &status) == 0
        // Devices and the like are there before; a file must not be.
        let isSpecial = isThere && status.st_mode & S_IFMT != S_IFREG
        let flags = O_RDWR | O_CLOEXEC | (isSpecial ? O_NONBLOCK : O_CREAT | O_EXCL)
        let descriptor = open(location.path, flags, 0o640)
        guard descriptor >= 0 else { throw .of(cffmpeg_error(errno), location, nil) }
        guard let buffer = av_malloc(Self.bufferSize) else { fatalError("out of memory: a file's buffer") }
        let io = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Int32(Self.bufferSize), 1, nil, nil,
            { opaque, bytes, count in
                guard let opaque, let bytes else { return cffmpeg_error(EINVAL) }
                return OutputFile.of(opaque).write(bytes, Int(count))
            },
            { opaque, offset, whence in
                guard let opaque else { return Int64(cffmpeg_error(EINVAL)) }
                return OutputFile.of(opaque).seek(offset, whence)
            })
        guard let io else { fatalError("out of memory: avio_alloc_context") }
        self.descriptor = descriptor
        self.io = io
        io.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        var io: UnsafeMutablePointer<AVIOContext>? = io
        // The buffer may have become another one meanwhile.
        av_freep(&self.io.pointee.buffer)
        avio_context_free(&io)
        close(descriptor)
    }

    /// Has what was written put onto the disk, so that a power cut doesn't take it.
    /// - Returns: 0, or libavutil's code of the error.
    func synchronize() -> Int32 {
        guard unsynchronized > 0 else { return 0 }
        unsynchronized = 0
        // Not everything that can be written can be synchronised.
        return fdatasync(descriptor) == 0 || errno == EINVAL || errno == EROFS ? 0 : cffmpeg_error(errno)
    }

    private static func of(_ opaque: UnsafeMutableRawPointer) -> OutputFile {
        Unmanaged<OutputFile>.fromOpaque(opaque).takeUnretainedValue()
    }

    private func write(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
        var done = 0
        while done < count {
            let written = Glibc.write(descriptor, bytes + done, count - done)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return written < 0 ? cffmpeg_error(errno) : cffmpeg_error(EIO) }
            done += written
        }
        unsynchronized += count
        return Int32(count)
    }

    private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        if whence & AVSEEK_SIZE != 0 {
            var status = stat()
            return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : Int64(cffmpeg_error(errno))
        }
        let position = lseek(descriptor, off_t(offset), whence)
        return position >= 0 ? Int64(position) : Int64(cffmpeg_error(errno))
    }
}
