import Media

/// The bytes of an announcement. Numbers are in network byte order:
///
///     major version (8 bits), minor version (8), then elements: type (8), length of the value in bytes (16), value
///
///     1  path     ids of 64 bits, the sender's first
///     2  shown    a name in UTF-8; left out if there is none
///     3  roster   how many entries follow (16), how many sites were left out (32)
///     4  entry    depth (8), kind (8), flags (8), length of the id (8), id, length of the name (16), name
///
/// A type of 0 is a byte of padding, without a length. What a later minor version adds is passed over: elements of other
/// types, and what follows the known part of a value. A change that this can't bear takes another major version.
extension LinkAnnouncement {
    package static let majorVersion: UInt8 = 1
    package static let minorVersion: UInt8 = 0
    /// The most bytes of an announcement.
    package static let maximumSize = 16_384

    /// What came of reading.
    package enum Reading: Hashable, Sendable {
        case announcement(LinkAnnouncement)
        /// A bridge of our kind, but of another major version: to us it is any mixer.
        case otherVersion(Int)
        case malformed
    }

    /// The announcement as bytes, at most `maximumSize`. Entries for which there is no room are left out, the deepest first,
    /// and counted as omitted.
    package func encoded() -> [UInt8] {
        var writer = ElementWriter(capacity: Self.maximumSize)
        writer.bytes = [Self.majorVersion, Self.minorVersion]
        writer.element(.path) { writer in
            for bridge in path.prefix(Self.maximumPath) { writer.number(bridge.rawValue) }
        }
        if let shown { writer.element(.shown) { $0.bytes += Self.fitted(shown).utf8 } }

        var room = RosterRoom(roster, bytes: Self.maximumSize - writer.bytes.count - ElementWriter.headerSize - 6)
        let kept = roster.filter { room.takes($0) }
        writer.element(.roster) { writer in
            writer.number(UInt16(kept.count))
            writer.number(UInt32(clamping: omitted + roster.count - kept.count))
        }
        for entry in kept { writer.element(.entry) { $0.write(entry) } }
        return writer.bytes
    }

    /// Reads what a peer sent. Nothing of it is believed before it was looked at.
    package static func read(_ bytes: UnsafeRawBufferPointer) -> Reading {
        guard bytes.count >= 2 else { return .malformed }
        guard bytes[0] == majorVersion else { return .otherVersion(Int(bytes[0])) }
        // Padding to a multiple of four bytes may follow.
        guard bytes.count <= maximumSize + 3 else { return .malformed }
        var reader = ElementReader(bytes, from: 2)
        var path: [BridgeID] = []
        var shown: String?
        var roster: [Entry] = []
        var promised: (entries: Int, omitted: Int)?
        while !reader.isAtEnd {
            guard let type = reader.byte() else { return .malformed }
            if type == 0 { continue }
            guard let length = reader.number(UInt16.self), var value = reader.part(Int(length)) else {
                return .malformed
            }
            switch ElementType(rawValue: type) {
            case .path:
                guard path.isEmpty, let read = value.path() else { return .malformed }
                path = read
            case .shown:
                guard shown == nil, let read = value.text(value.count) else { return .malformed }
                shown = read
            case .roster:
                guard promised == nil, let count = value.number(UInt16.self), let left = value.number(UInt32.self),
                    count <= maximumRoster
                else { return .malformed }
                promised = (Int(count), Int(left))
                roster.reserveCapacity(Int(count))
            case .entry:
                guard let promised, roster.count < promised.entries, let entry = value.entry(),
                    entry.depth <= (roster.last.map { $0.depth + 1 } ?? 0)
                else { return .malformed }
                roster.append(entry)
            case nil: break
            }
        }
        guard !path.isEmpty, let promised, roster.count == promised.entries else { return .malformed }
        return .announcement(
            LinkAnnouncement(path: path, shown: shown, roster: roster, omitted: promised.omitted))
    }

    /// `text` without control characters and line breaks, and not longer than `maximumText`.
    static func fitted(_ text: String) -> String {
        if text.utf8.count <= maximumText, text.unicodeScalars.allSatisfy(isPrintable) { return text }
        var fitted = ""
        for character in text where character.unicodeScalars.allSatisfy(isPrintable) {
            guard fitted.utf8.count + character.utf8.count <= maximumText else { break }
            fitted.append(character)
        }
        return fitted
    }

    fileprivate static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: false
        default: true
        }
    }
}

private enum ElementType: UInt8 {
    case path = 1
    case shown, roster, entry
}

extension LinkAnnouncement.Entry {
    fileprivate struct Flags: OptionSet {
        let rawValue: UInt8
        static let isSpeaking = Flags(rawValue: 1)
        static let hasPicture = Flags(rawValue: 2)
        static let isMuted = Flags(rawValue: 4)
    }

    /// The kinds by their numbers.
    fileprivate static let kinds: [SiteKind] = [.site, .uplink, .downlink]

    fileprivate var flags: Flags {
        var flags: Flags = []
        if isSpeaking { flags.insert(.isSpeaking) }
        if hasPicture { flags.insert(.hasPicture) }
        if isMuted { flags.insert(.isMuted) }
        return flags
    }

    /// The bytes of its element.
    fileprivate var encodedSize: Int {
        ElementWriter.headerSize + 6 + id.rawValue.utf8.count + LinkAnnouncement.fitted(name).utf8.count
    }
}

/// Which entries of a roster fit into an announcement: all down to some depth, and of the next depth the first ones.
private struct RosterRoom {
    private var bytes: Int
    private var entries = LinkAnnouncement.maximumRoster
    /// The depth of which only some fit; deeper ones don't.
    private var lastDepth = 0

    init(_ roster: [LinkAnnouncement.Entry], bytes: Int) {
        self.bytes = bytes
        var needed = [(entries: Int, bytes: Int)](repeating: (0, 0), count: LinkAnnouncement.maximumDepth + 1)
        for entry in roster where needed.indices.contains(entry.depth) {
            needed[entry.depth].entries += 1
            needed[entry.depth].bytes += entry.encodedSize
        }
        for depth in needed {
            guard depth.entries <= entries, depth.bytes <= self.bytes else { break }
            entries -= depth.entries
            self.bytes -= depth.bytes
            lastDepth += 1
        }
    }

    /// Whether `entry`, the next in order, is in.
    mutating func takes(_ entry: LinkAnnouncement.Entry) -> Bool {
        guard entry.depth <= min(lastDepth, LinkAnnouncement.maximumDepth) else { return false }
        if entry.depth < lastDepth { return true }
        guard entries > 0, entry.encodedSize <= bytes else { return false }
        entries -= 1
        bytes -= entry.encodedSize
        return true
    }
}

private struct ElementWriter {
    /// Type and length.
    static let headerSize = 3
    var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(min(capacity, 1_024)) }

    mutating func number(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
    }

    mutating func element(_ type: ElementType, _ value: (inout ElementWriter) -> Void) {
        bytes.append(type.rawValue)
        let place = bytes.count
        number(UInt16(0))
        value(&self)
        let length = UInt16(bytes.count - place - 2)
        bytes[place] = UInt8(length >> 8)
        bytes[place + 1] = UInt8(truncatingIfNeeded: length)
    }

    mutating func write(_ entry: LinkAnnouncement.Entry) {
        let name = LinkAnnouncement.fitted(entry.name).utf8
        let kind = LinkAnnouncement.Entry.kinds.firstIndex(of: entry.kind) ?? 0
        bytes += [UInt8(entry.depth), UInt8(kind), entry.flags.rawValue, UInt8(entry.id.rawValue.utf8.count)]
        bytes += entry.id.rawValue.utf8
        number(UInt16(name.count))
        bytes += name
    }
}

/// Reads bytes of strangers: each read says `nil` where they end too early or can't be what they should.
private struct ElementReader {
    private let bytes: UnsafeRawBufferPointer
    private var place: Int

    init(_ bytes: UnsafeRawBufferPointer, from place: Int = 0) {
        self.bytes = bytes
        self.place = place
    }

    var count: Int { bytes.count - place }
    var isAtEnd: Bool { count == 0 }

    mutating func byte() -> UInt8? {
        guard count > 0 else { return nil }
        place += 1
        return bytes[place - 1]
    }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        let size = Number.bitWidth / 8
        guard count >= size else { return nil }
        defer { place += size }
        return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: Number.self))
    }

    mutating func part(_ length: Int) -> ElementReader? {
        guard count >= length else { return nil }
        defer { place += length }
        return ElementReader(UnsafeRawBufferPointer(rebasing: bytes[place..<place + length]))
    }

    mutating func path() -> [BridgeID]? {
        guard count % 8 == 0, (1...LinkAnnouncement.maximumPath).contains(count / 8) else { return nil }
        return (0..<count / 8).compactMap { _ in number(UInt64.self).map(BridgeID.init(rawValue:)) }
    }

    /// A name as it may be drawn and printed.
    mutating func text(_ length: Int) -> String? {
        guard length <= LinkAnnouncement.maximumText, let part = part(length),
            let text = String(validating: part.bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy(LinkAnnouncement.isPrintable)
        else { return nil }
        return text
    }

    mutating func entry() -> LinkAnnouncement.Entry? {
        guard let depth = byte(), depth <= LinkAnnouncement.maximumDepth, let kind = byte(), let flags = byte(),
            let idLength = byte(), let idText = text(Int(idLength)), let id = SiteID(idText),
            let nameLength = number(UInt16.self), let name = text(Int(nameLength))
        else { return nil }
        let kinds = LinkAnnouncement.Entry.kinds
        let known = LinkAnnouncement.Entry.Flags(rawValue: flags)
        return LinkAnnouncement.Entry(
            // A kind of a later version is at least a place.
            depth: Int(depth), kind: Int(kind) < kinds.count ? kinds[Int(kind)] : .site, id: id, name: name,
            isSpeaking: known.contains(.isSpeaking), hasPicture: known.contains(.hasPicture),
            isMuted: known.contains(.isMuted))
    }
}
