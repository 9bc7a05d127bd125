import Digest
import HTTPTypes

/// AWS' Signature Version 4, for all services but S3: computes and neither reads a clock nor sends anything.
struct SignatureV4 {
    private static let algorithm = "AWS4-HMAC-SHA256"

    /// The region and the service that the signature is for.
    let region: String
    let service: String

    /// What is signed of a request.
    struct Subject {
        let method: HTTPMethod
        let url: SignableURL
        let fields: HTTPFields
        /// SHA-256 of the body as it is sent, in hexadecimal digits.
        let bodyHash: String
        /// When, as in `20261128T094500Z`.
        let timestamp: String
    }

    /// The value of `Authorization`.
    func authorization(_ subject: Subject, with credentials: AWSCredentials) -> String {
        let signed = Self.signedFields(subject.fields)
        let names = signed.map(\.name).joined(separator: ";")
        let request = [
            subject.method.name, subject.url.canonicalPath, subject.url.canonicalQuery,
            signed.map { "\($0.name):\($0.value)\n" }.joined(), names, subject.bodyHash,
        ].joined(separator: "\n")

        let day = String(subject.timestamp.prefix(8))
        let scope = [day, region, service, "aws4_request"]
        let hash = Hexadecimal.text(of: SHA256.hash(request.utf8))
        let text = [Self.algorithm, subject.timestamp, scope.joined(separator: "/"), hash].joined(separator: "\n")
        let key = scope.reduce(Array("AWS4\(credentials.secretAccessKey.reveal())".utf8)) { key, part in
            HMACSHA256.code(of: part.utf8, key: key)
        }
        let signature = Hexadecimal.text(of: HMACSHA256.code(of: text.utf8, key: key))
        let owner = ([credentials.accessKeyID] + scope).joined(separator: "/")
        return "\(Self.algorithm) Credential=\(owner), SignedHeaders=\(names), Signature=\(signature)"
    }

    /// Sorted by name: what decides about the meaning of a request, and nothing that a proxy may change on its way.
    private static func signedFields(_ fields: HTTPFields) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for field in fields {
            let name = field.name.lowercased()
            guard ["host", "content-type", "content-encoding"].contains(name) || name.hasPrefix("x-amz-") else {
                continue
            }
            values[name, default: []].append(trimmed(field.value))
        }
        return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: ",")) }
    }

    /// Without white space at the ends, and with one space in the place of more.
    private static func trimmed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }
}
