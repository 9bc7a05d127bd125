import HTTPServer
import HTTPTypes
import Testing

@testable import StaticFiles

@Suite struct AssetTests {
    private let script = Asset(name: "app.js", bytes: Array(String(repeating: "let a = 1;\n", count: 500).utf8))

    private func response(
        _ asset: Asset, _ fields: HTTPFields = [:], caching: Asset.Caching = .revalidated
    ) throws -> ServerResponse {
        let request = ServerRequest(.get, path: "/", fields: fields, peer: .network(address: "127.0.0.1", port: 1))
        guard case .whole(let response) = asset.answer(to: request, caching: caching) else {
            throw Refusal(ServerResponse(.internalServerError))
        }
        return response
    }

    @Test func contentsAreNamedByTheirHashAndNotSentAgain() throws {
        let first = try response(script)
        let tag = try #require(first.fields["etag"])
        #expect(tag == "\"\(script.hash)\"" && script.hash.count == 64)
        #expect(first.fields["content-type"] == "text/javascript; charset=utf-8")
        for list in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let again = try response(script, ["If-None-Match": list])
            #expect(again.status == .notModified && again.body.isEmpty && again.fields["etag"] == tag)
        }
        #expect(try response(script, ["If-None-Match": "\"other\""]).status == .ok)
    }

    @Test func packedContentsHaveANameOfTheirOwn() throws {
        let packed = try response(script, ["Accept-Encoding": "br, gzip;q=0.8"], caching: .immutable)
        #expect(packed.fields["content-encoding"] == "gzip" && packed.fields["vary"] == "accept-encoding")
        #expect(packed.body.count < 500 && packed.body.prefix(2) == [0x1f, 0x8b])
        #expect(packed.fields["etag"] == "\"\(script.hash)-gzip\"")
        #expect(packed.fields["cache-control"] == "public, max-age=31536000, immutable")
        #expect(try response(script, ["Accept-Encoding": "gzip;q=0, br"]).fields["content-encoding"] == nil)
    }

    @Test func whatIsPackedAlreadyIsSentAsItIs() throws {
        let picture = Asset(name: "a.png", bytes: [UInt8](repeating: 1, count: 5000))
        let answer = try response(picture, ["Accept-Encoding": "gzip"])
        #expect(answer.body.count == 5000 && answer.fields["vary"] == nil)
    }

    @Test func urlsChangeWithAnyOfTheFiles() {
        let one = AssetFolder(["app.js": [1], "css/style.css": [2]])
        let other = AssetFolder(["app.js": [1], "css/style.css": [3]])
        #expect(one.url(of: "app.js") != other.url(of: "app.js"))
        #expect(one.url(of: "app.js").hasPrefix("/assets/") && one.url(of: "app.js").hasSuffix("/app.js"))
        #expect(one["css/style.css"]?.hash.count == 64 && one["none"] == nil)
    }

    @Test func aFolderThatIsMissingIsNamed() {
        #expect { try AssetFolder(reading: "/nonexistent") } throws: { "\($0)".contains("/nonexistent cannot be read") }
    }
}

@Suite struct ByteRangeTests {
    @Test(arguments: [
        ("bytes=0-99", ByteRange.part(0..<100)), ("bytes=990-", .part(990..<1000)), ("bytes=-10", .part(990..<1000)),
        ("bytes=-5000", .part(0..<1000)), ("bytes=900-99999999999999999999", .part(900..<1000)),
        ("bytes=1000-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=99999999999999999999-", .unsatisfiable),
        ("bytes=5-4", .whole), ("bytes=0-1,5-6", .whole), ("bytes=a-b", .whole), ("lines=0-1", .whole),
        ("bytes=", .whole), ("bytes=-", .whole), ("bytes=1--2", .whole),
    ])
    func partsAreReadFromTheHeader(header: String, expected: ByteRange) {
        #expect(ByteRange(header, byteCount: 1000) == expected)
    }

    @Test func nothingIsAllOfIt() {
        #expect(ByteRange(nil, byteCount: 0) == .whole)
        #expect(ByteRange("bytes=-1", byteCount: 0) == .unsatisfiable)
    }
}
