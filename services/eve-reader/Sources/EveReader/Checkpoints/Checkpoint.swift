import EventContract

/// The durable position in one file, as it stands in Redis.
///
/// It is text, so that it can be read with redis-cli: a version, then `name=value` pairs, at the end the path, which may
/// hold blanks. It is compared as a whole by the commit that replaces it.
struct Checkpoint: Equatable {
    /// How many bytes before the offset are kept as fingerprint.
    static let tailBytesMaximum = 64
    /// The largest place in a file that the system can name.
    private static let offsetMaximum = UInt64(Int64.max)

    /// Where reading goes on, in bytes: behind the last line that was handed over.
    var offset: UInt64
    /// The size of the file when the checkpoint was made, to know what was unread if the file is gone.
    var size: UInt64
    /// The identity in the ids of the file's events.
    var identity: FileIdentity
    /// Where the file lay.
    var place: FilePlace
    /// The head of the file.
    var head: Fingerprint
    /// The last bytes before the offset, `tailBytesMaximum` at most.
    var tail: Fingerprint
    /// When the checkpoint was made, in nanoseconds since the epoch by the wall clock; for people.
    var time: Int64
    /// The path of the file when the checkpoint was made.
    var path: String

    /// The name of the field that holds it: the identity as 32 hexadecimal digits.
    var field: String { Self.field(identity) }

    static func field(_ identity: FileIdentity) -> String {
        hexadecimal(identity.high) + hexadecimal(identity.low)
    }

    /// The text that is stored.
    var text: String {
        """
        v1 offset=\(offset) size=\(size) identity=\(field) boot=\(place.boot) device=\(place.device) \
        inode=\(place.inode) head=\(Self.text(head)) tail=\(Self.text(tail)) time=\(time) path=\(path)
        """
    }

    private static func text(_ fingerprint: Fingerprint) -> String {
        "\(fingerprint.start)+\(fingerprint.length):\(hexadecimal(fingerprint.hash))"
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Checkpoint {
    /// Reads the stored text.
    /// - Returns: nil when it is of another version or damaged; such a file is read from its start again, which makes the
    ///   same ids.
    init?(_ text: String) {
        // The version, nine pairs and the path, in the order in which `text` writes them.
        let words = text.split(separator: " ", maxSplits: 10)
        guard words.count == 11, words[0] == "v1", words[10].hasPrefix("path=") else { return nil }
        var values: [Substring: Substring] = [:]
        for word in words[1..<10] {
            guard let equals = word.firstIndex(of: "=") else { return nil }
            values[word[..<equals]] = word[word.index(after: equals)...]
        }
        guard let offset = values["offset"].flatMap({ UInt64($0) }), let size = values["size"].flatMap({ UInt64($0) }),
            let identity = values["identity"], identity.utf8.count == 32,
            let high = UInt64(identity.prefix(16), radix: 16), let low = UInt64(identity.suffix(16), radix: 16),
            let boot = values["boot"], let device = values["device"].flatMap({ UInt64($0) }),
            let inode = values["inode"].flatMap({ UInt64($0) }),
            let head = values["head"].flatMap(Self.fingerprint), let tail = values["tail"].flatMap(Self.fingerprint),
            max(offset, size, head.end) <= Self.offsetMaximum, head.length <= FileHead.bytesMaximum,
            tail.length <= Self.tailBytesMaximum, tail.end == offset,
            let time = values["time"].flatMap({ Int64($0) })
        else { return nil }
        self.init(
            offset: offset, size: size, identity: FileIdentity(high: high, low: low),
            place: FilePlace(boot: String(boot), device: device, inode: inode), head: head, tail: tail, time: time,
            path: String(words[10].dropFirst("path=".count)))
    }

    private static func fingerprint(_ text: Substring) -> Fingerprint? {
        guard let plus = text.firstIndex(of: "+"), let colon = text.firstIndex(of: ":"), plus < colon,
            let start = UInt64(text[..<plus]), let length = Int(text[text.index(after: plus)..<colon]), length >= 0,
            let hash = UInt64(text[text.index(after: colon)...], radix: 16),
            !start.addingReportingOverflow(UInt64(length)).overflow
        else { return nil }
        return Fingerprint(start: start, length: length, hash: hash)
    }
}
