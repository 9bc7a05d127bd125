import CivilTime
import Glibc
import JSON

/// What is written as one line: bounded, escaped, always well formed.
struct LogLine {
    /// `PIPE_BUF`: what a pipe takes in one piece.
    static let bytesMax = 4096
    /// No single text may fill the line alone.
    static let textBytesMax = 1536

    private static let jsonNames: Set<String> = ["time", "level", "service", "message", "truncated"]
    /// Room for the end of a line that had to leave fields out.
    private static let endBytesMax = 24

    let service: String
    let level: LogLevel
    let message: String
    let fields: Logger.Fields
    /// Nanoseconds since the epoch.
    var time = Self.now

    /// The whole line with its newline, at most `bytesMax` bytes. Fields that do not fit are left out, and the line says so.
    func bytes(as format: LogFormat) -> [UInt8] {
        switch format {
        case .text: text
        case .json: json
        }
    }

    private var timestamp: String { UTCTimestamp(time, .milliseconds).description }

    /// The wall clock, in nanoseconds since the epoch.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private var text: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes += (timestamp + " ").utf8
        Self.appendColumn(level.rawValue.uppercased(), width: 7, to: &bytes)
        Self.appendColumn(service, width: 18, to: &bytes)
        Self.append(message, to: &bytes)
        var isTruncated = false
        for (name, value) in fields {
            let length = bytes.count
            bytes += " \(name)=".utf8
            let text = value.description
            if !text.isEmpty && text.utf8.allSatisfy(\.isBareText) {
                Self.append(text, to: &bytes)
            } else {
                bytes.append(UInt8(ascii: "\""))
                Self.append(text, to: &bytes, escapingQuotes: true)
                bytes.append(UInt8(ascii: "\""))
            }
            guard bytes.count > Self.bytesMax - Self.endBytesMax else { continue }
            bytes.removeSubrange(length...)
            isTruncated = true
        }
        bytes += (isTruncated ? " truncated=true\n" : "\n").utf8
        return bytes
    }

    private var json: [UInt8] {
        var bytes = JSONWriter.object { json in
            json.member("time", timestamp)
            json.member("level", level.rawValue)
            json.member("service", VisibleText(service, bytesMax: Self.textBytesMax))
            json.member("message", VisibleText(message, bytesMax: Self.textBytesMax))
            var isTruncated = false
            for (name, value) in fields {
                let end = json.end
                json.name(Self.jsonNames.contains(name) ? name + "_" : name)
                switch value {
                case let number as any BinaryInteger: json.json(number.description)
                case let number as Double where number.isFinite: json.value(number)
                case let truth as Bool: json.value(truth)
                default: json.value(VisibleText(value.description, bytesMax: Self.textBytesMax))
                }
                guard json.bytes.count > Self.bytesMax - Self.endBytesMax else { continue }
                json.cut(back: end)
                isTruncated = true
            }
            if isTruncated { json.member("truncated", true) }
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static func appendColumn(_ text: String, width: Int, to bytes: inout [UInt8]) {
        append(text, to: &bytes)
        bytes += repeatElement(UInt8(ascii: " "), count: max(0, width - text.utf8.count) + 1)
    }

    private static func append(_ text: String, to bytes: inout [UInt8], escapingQuotes: Bool = false) {
        TextEscaping.append(text, to: &bytes, escapingQuotes: escapingQuotes, bytesMax: textBytesMax)
    }
}

extension UInt8 {
    /// Text of such bytes only needs no quotes after `name=`.
    fileprivate var isBareText: Bool {
        self > 0x20 && self < 0x7F && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
            && self != UInt8(ascii: "=")
    }
}
