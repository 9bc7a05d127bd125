import HTTPTypes

/// An answer on its way.
struct AnswerInProgress {
    enum Source {
        /// Nothing follows.
        case ended
        /// More can be asked for.
        case ready(any BodyProducer)
        /// A worker makes the next piece.
        case away
    }

    /// What is still to be sent.
    var output = OutputQueue()
    private(set) var source = Source.ended
    /// How much of the announced length has not been made yet, in bytes; nil for a chunked body.
    private var remainingBytes: Int?

    /// - Parameters:
    ///   - sendsBody: false for an answer to HEAD.
    ///   - closes: announces the end of the connection to the client.
    init(_ answer: Answer, fields: HTTPFields, sendsBody: Bool, closes: Bool) {
        switch answer {
        case .whole(let response):
            let head = HTTPResponseHead(response.status, response.fields)
            output.append(Self.encode(head, fields, byteCount: response.body.count, closes: closes))
            if sendsBody && !response.status.forbidsBody { output.append(response.body) }
        case .streamed(let head, let byteCount, let producer):
            output.append(Self.encode(head, fields, byteCount: byteCount, closes: closes))
            guard sendsBody && !head.status.forbidsBody else { return }
            source = .ready(producer)
            remainingBytes = byteCount
        }
    }

    /// - Returns: the source of the next piece, for a worker to take.
    mutating func takeProducer() -> (any BodyProducer)? {
        guard case .ready(let producer) = source else { return nil }
        source = .away
        return producer
    }

    /// Takes the piece that a worker has made; nil at the end.
    ///
    /// - Returns: false when the body is not as long as its head says.
    mutating func produced(_ piece: [UInt8]?, by producer: any BodyProducer) -> Bool {
        guard let piece else {
            source = .ended
            if remainingBytes == nil { output.append(Array("0\r\n\r\n".utf8)) }
            return remainingBytes ?? 0 == 0
        }
        source = .ready(producer)
        if let remainingBytes {
            guard piece.count <= remainingBytes else { return false }
            self.remainingBytes = remainingBytes - piece.count
            output.append(piece)
        } else if !piece.isEmpty {
            output.append(Array("\(String(piece.count, radix: 16))\r\n".utf8))
            output.append(piece)
            output.append(Array("\r\n".utf8))
        }
        return true
    }

    private static func encode(
        _ head: HTTPResponseHead, _ further: HTTPFields, byteCount: Int?, closes: Bool
    ) -> [UInt8] {
        var text = "HTTP/1.1 \(head.status)\r\n"
        for field in head.fields { text += "\(field.name): \(field.value)\r\n" }
        for field in further where head.fields[field.name] == nil { text += "\(field.name): \(field.value)\r\n" }
        if let byteCount, !head.status.forbidsBody {
            text += "content-length: \(byteCount)\r\n"
        } else if byteCount == nil {
            text += "transfer-encoding: chunked\r\n"
        }
        if closes { text += "connection: close\r\n" }
        return Array((text + "\r\n").utf8)
    }
}
