public import Foundation

/// Writes databases of one network in MaxMind's format (https://maxmind.github.io/MaxMind-DB/), so that the tests need
/// no file from elsewhere.
public enum MaxMindWriter {
    /// A value of the data section.
    public indirect enum Value {
        case text(String)
        case number(Double)
        case count(UInt32)
        case smallCount(UInt16)
        case longCount(UInt64)
        case map([(String, Value)])
        case list([Value])
    }

    /// A database in which the IPv4 network of `prefix`'s bits has `value`, and nothing else has any.
    public static func database(prefix: [UInt8], value: Value) -> Data {
        let bits = prefix.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        let nodes = bits.count
        var tree = Data()
        for (depth, bit) in bits.enumerated() {
            // The record of the last bit points into the data section, 16 bytes behind the tree.
            let next = depth + 1 < nodes ? depth + 1 : nodes + 16
            for side in 0...1 { tree.append(uint: side == Int(bit) ? next : nodes, bytes: 3) }
        }
        let metadata = Value.map([
            ("binary_format_major_version", .smallCount(2)), ("binary_format_minor_version", .smallCount(0)),
            ("build_epoch", .longCount(1)), ("database_type", .text("Test")), ("ip_version", .smallCount(4)),
            ("languages", .list([])), ("description", .map([])), ("node_count", .count(UInt32(nodes))),
            ("record_size", .smallCount(24)),
        ])
        let marker = Data([0xab, 0xcd, 0xef]) + Data("MaxMind.com".utf8)
        return tree + Data(count: 16) + encoded(value) + marker + encoded(metadata)
    }

    private static func encoded(_ value: Value) -> Data {
        switch value {
        case .text(let text): return control(type: 2, size: text.utf8.count) + Data(text.utf8)
        case .number(let number):
            var data = control(type: 3, size: 8)
            data.append(uint: Int(bitPattern: UInt(number.bitPattern)), bytes: 8)
            return data
        case .count(let count):
            var data = control(type: 6, size: 4)
            data.append(uint: Int(count), bytes: 4)
            return data
        case .smallCount(let count):
            var data = control(type: 5, size: 2)
            data.append(uint: Int(count), bytes: 2)
            return data
        case .longCount(let count):
            // A type above 7 stands, less 7, in a byte of its own.
            var data = Data([8, 9 - 7] as [UInt8])
            data.append(uint: Int(count), bytes: 8)
            return data
        case .map(let members):
            return members.reduce(control(type: 7, size: members.count)) {
                $0 + encoded(.text($1.0)) + encoded($1.1)
            }
        case .list(let elements):
            return elements.reduce(Data([UInt8(elements.count), 11 - 7] as [UInt8])) { $0 + encoded($1) }
        }
    }

    /// A control byte; sizes from 29 to 284 take a byte more.
    private static func control(type: UInt8, size: Int) -> Data {
        size < 29 ? Data([type << 5 | UInt8(size)]) : Data([type << 5 | 29, UInt8(size - 29)])
    }
}

extension Data {
    fileprivate mutating func append(uint value: Int, bytes: Int) {
        for index in stride(from: bytes - 1, through: 0, by: -1) {
            append(UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }
}
