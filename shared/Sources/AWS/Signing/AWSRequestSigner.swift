import Digest
public import HTTPClient
import HTTPTypes
import JSON

/// Signs requests to a service of AWS (Signature Version 4).
///
/// The URL is brought into the form of one reading: `suricata-*` goes as `suricata-%2A`. The whole body is read for its hash, so
/// that what is sent is what was signed. An answer that shows a wrong clock here, or credentials that have ended, lets the
/// client sign and send the request once more.
public struct AWSRequestSigner: RequestSigner {
    private let signature: SignatureV4
    private let credentials: any CredentialProvider
    private let clock: ServerClock

    /// - Parameters:
    ///   - service: the name that the service is signed for, `es` or `aoss` (OpenSearch Serverless).
    ///   - clock: learns from every answer; clients of the same cloud can share one.
    public init(service: String, region: String, credentials: any CredentialProvider, clock: ServerClock) {
        signature = SignatureV4(region: region, service: service)
        self.credentials = credentials
        self.clock = clock
    }

    /// Whether nobody on the way reads requests to a URL: it has TLS, or leads to this machine.
    public static func isPrivate(_ url: String) -> Bool { SignableURL(url)?.isPrivate == true }

    /// Signs a request as of now.
    ///
    /// - Throws: ``AWSError`` with `.notSignable`, and what ``CredentialProvider/credentials()`` throws.
    public func sign(_ request: inout ClientRequest) throws {
        guard let url = SignableURL(request.head.target) else { throw AWSError.notSignable(request.head.target) }
        let credentials = try credentials.credentials()
        let bodyHash = Self.hash(request.body)
        let timestamp = UTCTime.basic(clock.unixSeconds)
        request.credentials = nil
        request.head.target = url.text
        // libcurl would send the same host; named here, it cannot be another one than was signed.
        request.head.fields["Host"] = url.host
        request.head.fields["X-Amz-Date"] = timestamp
        request.head.fields["X-Amz-Content-SHA256"] = bodyHash
        let token = credentials.sessionToken
        request.head.fields["X-Amz-Security-Token"] = token.isEmpty ? nil : token.reveal()
        request.head.fields["Authorization"] = signature.authorization(
            SignatureV4.Subject(
                method: request.head.method, url: url, fields: request.head.fields, bodyHash: bodyHash,
                timestamp: timestamp), with: credentials)
    }

    /// Learns the server's time, and whether the credentials have ended.
    public func isToSignAgain(_ request: ClientRequest, after response: ClientResponse) -> Bool {
        clock.learn(from: response, of: request.head.target)
        guard [400, 401, 403].contains(response.status.code) else { return false }
        if Self.saysExpired(response) {
            let owner = request.head.fields["Authorization"]?.firstRange(of: "Credential=").flatMap { range in
                request.head.fields["Authorization"]?[range.upperBound...].prefix { $0 != "/" }
            }
            return credentials.refuse(String(owner ?? ""))
        }
        let signedAt = request.head.fields["X-Amz-Date"].flatMap(UTCTime.unixSeconds(basic:)) ?? clock.unixSeconds
        return abs(clock.unixSeconds - signedAt) > ServerClock.differenceSecondsMax
    }

    /// Services of JSON name the error in a field, the query services in the body; OpenSearch's domains only describe it.
    private static func saysExpired(_ response: ClientResponse) -> Bool {
        if response.head.fields["x-amzn-ErrorType"]?.hasPrefix("ExpiredToken") == true { return true }
        if let root = XMLElement.parse(response.body) {
            return (root["Error"]?["Code"] ?? root["Code"])?.text.hasPrefix("ExpiredToken") == true
        }
        var tree = JSONTree()
        return response.body.withUnsafeBytes { bytes in
            // What OpenSearch itself refuses has `error`, and may quote documents.
            guard let root = try? tree.parse(bytes), root["error"] == nil else { return false }
            return root["__type"]?.string?.contains("ExpiredToken") == true
                || root["message"]?.string?.hasPrefix("The security token included in the request is expired") == true
        }
    }

    private static func hash(_ body: (any HTTPBody)?) -> String {
        let sha256 = SHA256()
        if let body {
            body.rewind()
            withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
                while case let count = body.read(into: buffer), count > 0 {
                    sha256.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
            }
            body.rewind()
        }
        return Hexadecimal.text(of: sha256.finish())
    }
}
