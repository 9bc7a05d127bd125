import CHiredis

/// Turns the bytes of a connection into replies; hiredis does the parsing.
///
/// The nesting of arrays, their elements and the bytes of a reply are bounded here, so that no answer can make the process
/// grow without limit (hiredis itself bounds the nesting only before version 1).
final class RedisReplyParser {
    /// The most elements of one array; none of our commands asks for more than a few thousand.
    static let elementsMax = 1 << 20

    /// The deepest nesting of arrays; `XINFO STREAM` with `FULL` has the most levels, seven.
    static let nestingMax = 7

    /// From this size on the memory of a reply is given back with it; hiredis would keep it until more bytes come.
    private static let replyBytesKept = 1 << 20

    private var reader: UnsafeMutablePointer<redisReader>
    /// Two tables: hiredis' own functions with a bound before the one that makes arrays, and the original ones, which
    /// that function finds by the reader's private data.
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let replyBytesMax: Int
    private var bytesSinceReply = 0

    /// - Parameter replyBytesMax: the most bytes that may come before a reply is whole.
    init(replyBytesMax: Int) throws(RedisError) {
        guard let reader = redisReaderCreate() else { throw RedisError(.connection, "no memory for a parser") }
        self.reader = reader
        self.replyBytesMax = replyBytesMax
        functions = .allocate(capacity: 2)
        functions.initialize(repeating: reader.pointee.fn.pointee, count: 2)
        functions.pointee.createArray = { task, elements in
            var nesting = 1
            var outer = task?.pointee.parent
            while let array = outer {
                nesting += 1
                outer = array.pointee.parent
            }
            guard nesting <= RedisReplyParser.nestingMax, elements <= RedisReplyParser.elementsMax,
                let original = task?.pointee.privdata
            else { return nil }
            return original.assumingMemoryBound(to: redisReplyObjectFunctions.self).pointee.createArray(task, elements)
        }
        equip()
    }

    private func equip() {
        reader.pointee.fn = functions
        reader.pointee.privdata = UnsafeMutableRawPointer(functions + 1)
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
    }

    func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        bytesSinceReply += bytes.count
        guard bytesSinceReply <= replyBytesMax else {
            throw RedisError(.protocolViolation, "the reply is longer than \(replyBytesMax) bytes")
        }
        guard redisReaderFeed(reader, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count) == REDIS_OK else {
            throw violation
        }
    }

    /// The next whole reply, nil when more bytes are needed.
    func next() throws(RedisError) -> RedisReply? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw violation }
        guard let reply else { return nil }
        defer { freeReplyObject(reply) }
        if bytesSinceReply > Self.replyBytesKept, reader.pointee.len == 0, let fresh = redisReaderCreate() {
            redisReaderFree(reader)
            reader = fresh
            equip()
        }
        bytesSinceReply = 0
        return Self.convert(reply.assumingMemoryBound(to: redisReply.self))
    }

    private var violation: RedisError {
        let text = withUnsafeBytes(of: reader.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return RedisError(.protocolViolation, text)
    }

    private static func convert(_ reply: UnsafeMutablePointer<redisReply>) -> RedisReply {
        let reply = reply.pointee
        var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: reply.str, count: Int(reply.len)) }
        var text: String { String(decoding: bytes, as: UTF8.self) }
        switch reply.type {
        case REDIS_REPLY_INTEGER: return .integer(reply.integer)
        case REDIS_REPLY_STATUS: return .status(text)
        case REDIS_REPLY_ERROR: return .error(RedisError(reply: text))
        case REDIS_REPLY_STRING: return .bytes(Array(bytes))
        case REDIS_REPLY_ARRAY:
            return .array(
                (0..<Int(reply.elements)).map { index in
                    guard let element = reply.element?[index] else { return .null }
                    return convert(element)
                })
        default: return .null
        }
    }
}
