import JSON
import OpenSearch
import Testing

@Suite struct OpenSearchErrorTests {
    private func text(_ status: Int, _ body: String) throws -> String {
        try Array(body.utf8).withUnsafeBytes { bytes in
            var tree = JSONTree()
            return OpenSearchError(of: try tree.parse(bytes), status: status).description
        }
    }

    private static let user = "arn:aws:sts::123456789012:assumed-role/shipper/pi"

    /// Not written where they are used: the compiler of Debian 13 ends with a fault there.
    private static let refusals = [
        #"{"Message":"User: \#(user) is not authorized to perform: es:ESHttpPost"}"#,
        #"{"message":"User: \#(user) is not authorized to perform: es:ESHttpPost"}"#,
        #"{"error":{"type":"security_exception","reason":"no permissions for [x] and User [name=\#(user)]"},"status":403}"#,
    ]

    @Test(arguments: refusals)
    func whomAmazonRefusesIsToldWhatWouldLetHimIn(body: String) throws {
        let text = try text(403, body)
        #expect(text.contains(Self.user) && text.contains("access policy"), "\(text)")
        #expect(!text.contains("opensearch.username"))
    }

    @Test func controlCharactersInItsWordsAreNotRepeated() throws {
        let words = #"a\u001b[2Jb\r\u009b1m\u007f"#
        let error = try text(400, "{\"error\":{\"type\":\"\(words)\",\"reason\":\"\(words)\"}}")
        #expect(error.hasPrefix("a [2Jb  1m : a [2Jb  1m  (400)"), "\(error)")
        #expect(try text(403, "{\"message\":\"\(words)\"}").hasPrefix("a [2Jb  1m  (403)"))
    }

    @Test func theRemedyForWrongCredentialsFitsEveryKindOfThem() throws {
        #expect(try text(401, "{}") == "HTTP status 401; check opensearch.auth and the credentials that it wants")
    }
}
