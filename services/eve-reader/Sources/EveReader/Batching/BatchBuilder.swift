import EventContract

/// Gathers the lines of one file until a batch is full: by bytes, by count, or because its reader sees the end.
struct BatchBuilder: LineSink {
    /// When a batch is full.
    struct Limits {
        /// Bytes before compression. A batch may be longer by one line.
        var bytes: Int
        /// Lines.
        var events: Int
    }

    /// Why a line cannot be passed on.
    enum Rejection: String, CaseIterable {
        /// It is longer than the bound.
        case oversize
        /// The file ended for good inside it.
        case unterminated
    }

    /// What was gathered.
    struct Batch {
        /// The payload of the entry; nil when all lines were rejected.
        var payload: [UInt8]?
        /// How many lines are in the payload.
        var events: Int
        /// How many bytes of the file they are, without their ends.
        var bytes: Int
        /// Lines that can not be passed on.
        var rejected: [(reason: Rejection, letter: DeadLetter)]
    }

    /// Dead letters are small here, but not nothing: a batch of them has a bound, too.
    private static let rejectedMaximum = 16

    private let limits: Limits
    private let sensor: String
    private var encoder: RawBatchEncoder
    private var bytes = 0
    private var rejected: [(reason: Rejection, letter: DeadLetter)] = []
    private var path = ""
    private var readTime: Int64 = 0

    init(limits: Limits, sensor: String, codec: BatchCodec) {
        self.limits = limits
        self.sensor = sensor
        encoder = RawBatchEncoder(codec: codec)
    }

    /// Whether nothing was gathered.
    var isEmpty: Bool { encoder.isEmpty && rejected.isEmpty }

    /// Whether no more is wanted.
    var isFull: Bool {
        encoder.bodyBytes >= limits.bytes || encoder.count >= limits.events
            || rejected.count >= Self.rejectedMaximum
    }

    /// Starts a batch, throwing away what was gathered.
    ///
    /// - Parameters:
    ///   - path: the file that is read.
    ///   - readTime: now, in nanoseconds since the epoch.
    mutating func begin(path: String, readTime: Int64) {
        encoder.removeAll()
        rejected = []
        bytes = 0
        self.path = path
        self.readTime = readTime
    }

    mutating func append(_ line: UnsafeRawBufferPointer, at offset: UInt64) -> Bool {
        let isIn = encoder.append(line, offset: offset)
        precondition(isIn, "limits of lines and batches keep every line within the bounds of an entry")
        bytes += line.count
        return !isFull
    }

    mutating func reject(oversize prefix: UnsafeRawBufferPointer, length: UInt64, at offset: UInt64) -> Bool {
        reject(prefix, .oversize, "the line is too long: \(length) bytes", length: Int(clamping: length), at: offset)
        return !isFull
    }

    /// Takes the last line of a file that ends without a newline: whole when it is a closed object, else as dead letter.
    mutating func append(unterminated line: UnsafeRawBufferPointer, at offset: UInt64) {
        if line.isClosedObject {
            _ = append(line, at: offset)
        } else {
            reject(line, .unterminated, "the file ends inside the line", length: line.count, at: offset)
        }
    }

    private mutating func reject(
        _ line: UnsafeRawBufferPointer, _ reason: Rejection, _ text: String, length: Int, at offset: UInt64
    ) {
        let origin = DeadLetter.Origin(service: Stage.eveReader, sensor: sensor, sourcePath: path, offset: offset)
        let text = EventLine.isLaidOut(line) ? "\(text); \(EventLine.rule)" : text
        let letter = DeadLetter(reason: text, origin: origin, time: readTime, bytes: line, size: length)
        rejected.append((reason, letter))
    }

    /// Ends the batch; the builder is empty afterwards.
    ///
    /// - Parameters:
    ///   - identity: of the file that was read.
    ///   - endOffset: where its next line begins.
    mutating func finish(identity: FileIdentity, endOffset: UInt64) -> Batch {
        let events = encoder.count
        let payload =
            encoder.isEmpty
            ? nil
            : encoder.finish(
                sensor: sensor, sourcePath: path, identity: identity, readTime: readTime, endOffset: endOffset)
        defer { begin(path: "", readTime: 0) }
        return Batch(payload: payload, events: events, bytes: bytes, rejected: rejected)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes begin with a brace whose closing brace is the last of them. Not a parser: it tells a line that
    /// was cut from one that lacks only its newline.
    var isClosedObject: Bool {
        guard first == UInt8(ascii: "{") else { return false }
        var depth = 0
        var isInString = false
        var isEscaped = false
        for (index, byte) in enumerated() {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isInString: isEscaped = true
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "{") where !isInString: depth += 1
            case UInt8(ascii: "}") where !isInString:
                depth -= 1
                if depth == 0 { return index == count - 1 }
            default: break
            }
        }
        return false
    }
}
