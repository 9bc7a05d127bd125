import Testing

@testable import RedisStreams

@Suite("Commands on their way out")
struct RedisOutputTests {
    static func written(_ output: RedisOutput) -> [UInt8] {
        output.withNext(100) { chunks in chunks.flatMap { Array($0) } }
    }

    @Test("A command is an array of bulk strings")
    func encoding() {
        var output = RedisOutput()
        output.append(["SET", .text("käse"), .number(-7), .bytes([0, 13, 10])])
        #expect(
            String(decoding: Self.written(output), as: UTF8.self)
                == "*4\r\n$3\r\nSET\r\n$5\r\nkäse\r\n$2\r\n-7\r\n$3\r\n\0\r\n\r\n")
    }

    @Test("Large values stay chunks of their own, and the bytes are the same however they are cut")
    func chunks() {
        let large = (0..<50_000).map { UInt8(truncatingIfNeeded: $0) }
        var output = RedisOutput()
        output.append(["XADD", .bytes(large), "x"])
        output.append(["PING"])
        let count = output.withNext(8) { $0.count }
        #expect(count == 3)
        let whole = Self.written(output)
        var pieces: [UInt8] = []
        while !output.isEmpty {
            let step = Int.random(in: 1...7_000)
            let piece = Array(Self.written(output).prefix(step))
            pieces += piece
            output.removeFirst(piece.count)
        }
        #expect(pieces == whole)
        output.append(["PING"])
        #expect(Self.written(output) == Array("*1\r\n$4\r\nPING\r\n".utf8))
    }
}
