import AWS
import HTTPClient
import HTTPTypes
import JSON
import Logging

/// Prints each request of standard input as it is signed.
func signLines() throws {
    try forEachRequest { request, signer in
        var signed = request
        try signer.sign(&signed)
        print(
            JSONWriter.objectText { answer in
                answer.member("url", signed.head.target)
                answer.member("headers", signed.head.fields.map { [$0.name, $0.value] })
            })
    }
}

/// Sends each request of standard input and prints the status of its answer.
func sendLines() throws {
    try forEachRequest { request, signer in
        var options = HTTPClient.Options(userAgent: "aws-probe")
        options.signer = signer
        let client = try HTTPClient(options)
        try client.send(request, tag: 0)
        while true {
            guard let completion = client.poll(milliseconds: 1_000).first else { continue }
            print(try completion.result.get().status.code)
            break
        }
    }
}

/// Reads requests, each with the key, the service, the region and the time that it is to be signed for.
private func forEachRequest(_ act: (ClientRequest, AWSRequestSigner) throws -> Void) throws {
    var tree = JSONTree()
    while let line = readLine() {
        let (request, signer) = try Array(line.utf8).withUnsafeBytes { bytes in
            let root = try tree.parse(bytes)
            let text = { (name: StaticString) in root[name]?.string ?? "" }
            var request = ClientRequest(HTTPMethod(text("method")), text("url"))
            for field in (root["headers"] ?? root).elements {
                let parts = Array(field.elements)
                request.head.fields.append(parts[0].string ?? "", parts[1].string ?? "")
            }
            if let body = root["body"]?.string { request.body = UnevenBody(Array(body.utf8)) }
            let seconds = root["time"]?.int64 ?? 0
            let credentials = AWSCredentials(
                accessKeyID: text("access_key"), secretAccessKey: Secret(text("secret_key")),
                sessionToken: Secret(text("token")))
            return (
                request,
                AWSRequestSigner(
                    service: text("service"), region: text("region"), credentials: credentials,
                    clock: ServerClock(local: { seconds * 1_000_000_000 }))
            )
        }
        try act(request, signer)
    }
}

/// A body that comes in pieces of any size, as those that are made while they are sent.
private final class UnevenBody: HTTPBody {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var byteCount: Int { bytes.count }

    func rewind() {
        position = 0
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position, 1 + position % 7)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}
