import CivilTime
import Glibc

/// One line in the making: bounded, escaped, always well formed.
struct LogLine {
    /// `PIPE_BUF`: what a pipe takes in one piece.
    static let bytesMax = 4096
    /// No single text may fill the line alone.
    static let textBytesMax = 1536

    private static let jsonNames: Set<String> = ["time", "level", "service", "message", "truncated"]
    /// Room for the end of a line that had to leave fields out.
    private static let endBytesMax = 24

    private let format: LogFormat
    private var bytes: [UInt8] = []
    private var isTruncated = false

    init(format: LogFormat, service: String, level: LogLevel, message: String, time: Int64 = Self.now) {
        self.format = format
        bytes.reserveCapacity(256)
        let time = UTCTimestamp(time, .milliseconds).description
        switch format {
        case .text:
            bytes += (time + " ").utf8
            appendColumn(level.rawValue.uppercased(), width: 7)
            appendColumn(service, width: 18)
            appendEscaped(message)
        case .json:
            bytes += "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"service\":".utf8
            appendQuoted(service)
            bytes += ",\"message\":".utf8
            appendQuoted(message)
        }
    }

    /// The wall clock, in nanoseconds since the epoch.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Adds one named value, or marks the line as cut when it does not fit.
    mutating func append(_ name: String, _ value: any CustomStringConvertible) {
        let length = bytes.count
        switch format {
        case .text:
            bytes += " \(name)=".utf8
            let text = value.description
            if !text.isEmpty && text.utf8.allSatisfy(\.isBareText) {
                appendEscaped(text)
            } else {
                appendQuoted(text)
            }
        case .json:
            bytes.append(UInt8(ascii: ","))
            appendQuoted(Self.jsonNames.contains(name) ? name + "_" : name)
            bytes.append(UInt8(ascii: ":"))
            switch value {
            case let number as any BinaryInteger: bytes += number.description.utf8
            case let number as Double where number.isFinite: bytes += number.description.utf8
            case let truth as Bool: bytes += truth.description.utf8
            default: appendQuoted(value.description)
            }
        }
        if bytes.count > Self.bytesMax - Self.endBytesMax {
            bytes.removeSubrange(length...)
            isTruncated = true
        }
    }

    /// The whole line with its newline, at most `bytesMax` bytes.
    consuming func finish() -> [UInt8] {
        switch format {
        case .text: bytes += (isTruncated ? " truncated=true\n" : "\n").utf8
        case .json: bytes += (isTruncated ? ",\"truncated\":true}\n" : "}\n").utf8
        }
        return bytes
    }

    private mutating func appendColumn(_ text: String, width: Int) {
        appendEscaped(text)
        bytes += repeatElement(UInt8(ascii: " "), count: max(0, width - text.utf8.count) + 1)
    }

    private mutating func appendQuoted(_ text: String) {
        TextEscaping.appendQuoted(text, to: &bytes, bytesMax: Self.textBytesMax)
    }

    private mutating func appendEscaped(_ text: String) {
        TextEscaping.append(text, to: &bytes, bytesMax: Self.textBytesMax)
    }
}

extension UInt8 {
    /// Text of such bytes only needs no quotes after `name=`.
    fileprivate var isBareText: Bool {
        self > 0x20 && self < 0x7F && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
            && self != UInt8(ascii: "=")
    }
}
