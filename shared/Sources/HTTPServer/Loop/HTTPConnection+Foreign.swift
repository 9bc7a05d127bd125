import CWebSockets
import HTTPTypes

/// Input that is not a request, or has a method that the library does not know: it hands over the bytes as they came.
extension HTTPConnection {
    func foreignBytesArrived(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard case .waiting = state else { return true }
        let refusal = refusal(ofRequestLine: bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") })
        var output = AnswerInProgress(
            .whole(refusal.response), fields: loop.content.fields, sendsBody: true, closes: true
        ).output
        while !output.isEmpty {
            guard loop.write(LWS_WRITE_HTTP, handle, fill: { output.take(into: $0) }) else { return false }
        }
        linger()
        return true
    }

    private func refusal(ofRequestLine line: Slice<UnsafeRawBufferPointer>) -> Refusal {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        let isLetter = { (byte: UInt8) in (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isLetter), words[2].starts(with: "HTTP/1.".utf8)
        else { return refusal(.badRequest, "this is no request of HTTP/1.1") }
        let target = words[1].prefix { $0 != UInt8(ascii: "?") }
        let path = PercentEncoding.decode(String(decoding: target, as: UTF8.self))
        guard case .otherMethods(let methods) = loop.content.router.match(HTTPMethod(""), path) else {
            return refusal(.notFound, "there is nothing at this path")
        }
        return methodRefusal(methods)
    }
}
