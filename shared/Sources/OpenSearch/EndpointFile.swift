import Configuration
public import Files
import JSON

/// The file that says where OpenSearch is: written by who makes the domain, read by all who send to it. It holds no secret.
///
/// One JSON object: `{"version":1,"endpoint":"https://search-….es.amazonaws.com","region":"eu-central-1","domain":"ids-suite",
/// "managed":true}`. Only `endpoint` has to be there; members that are not known are passed over.
public struct EndpointFile: Equatable, Sendable {
    /// The most bytes that such a file may have.
    public static let bytesMax = 64 << 10

    /// The form of the file. What a newer one means is not known here.
    private static let version: Int64 = 1

    /// Where OpenSearch is, in the form of `opensearch.endpoint`.
    public var endpoint: String
    /// The region that requests are signed for; nil for that in the host's name, or of the environment.
    public var region: String?
    /// The name of the domain.
    public var domain: String?
    /// Whether the suite has made the domain, or somebody has put it into its care: then it keeps it from filling up.
    public var isManaged: Bool

    /// What the file is to say.
    public init(endpoint: String, region: String? = nil, domain: String? = nil, isManaged: Bool = false) {
        (self.endpoint, self.region, self.domain, self.isManaged) = (endpoint, region, domain, isManaged)
    }

    /// Reads the file at a path, which may be a link.
    ///
    /// - Throws: ``EndpointFileError``.
    public init(contentsOf path: String) throws(EndpointFileError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try OpenFile(regular: path).content(bytesMax: Self.bytesMax)
        } catch {
            throw error.isMissing
                ? EndpointFileError(
                    .missing, "\(path) is not there yet; aws-provisioner writes it as soon as the domain can be reached"
                )
                : EndpointFileError(.unreadable, "the endpoint is not known", cause: error)
        }
        do {
            self = try bytes.withUnsafeBytes { bytes in
                var tree = JSONTree()
                return try EndpointFile(try tree.parse(bytes))
            }
        } catch {
            throw EndpointFileError(.invalid, "\(path) does not say where OpenSearch is", cause: error)
        }
    }

    private init(_ root: JSONNode) throws(EndpointFileError) {
        guard root.kind == .object else { throw EndpointFileError(.invalid, "it is no JSON object") }
        if let version = root["version"], version.int64 != Self.version {
            throw EndpointFileError(
                .invalid, "it has another version than \(Self.version); use programs of the same version of the suite")
        }
        guard let endpoint = root["endpoint"]?.string else {
            throw EndpointFileError(.invalid, "it has no \"endpoint\"")
        }
        guard ValueForm.httpURL.parse(endpoint) != nil else {
            throw EndpointFileError(.invalid, "its \"endpoint\" is not \(ValueForm.httpURL.allowed)")
        }
        self.init(
            endpoint: endpoint, region: root["region"]?.string, domain: root["domain"]?.string,
            isManaged: root["managed"]?.bool ?? false)
    }

    /// Puts this in place of what the file at a path says, if anything. Who reads it sees the old or the new; every user may, as
    /// shipper and exporter need not run as the one who writes it.
    ///
    /// - Throws: `FileError`.
    public func write(to path: String) throws(FileError) {
        var content = JSONWriter.object { json in
            json.member("version", Self.version)
            json.member("endpoint", endpoint)
            if let region { json.member("region", region) }
            if let domain { json.member("domain", domain) }
            json.member("managed", isManaged)
        }
        content.append(UInt8(ascii: "\n"))
        try AtomicFile.replace(path, with: content)
    }
}

/// Why a file does not say where OpenSearch is.
public struct EndpointFileError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; new kinds may be added.
    public enum Code: Sendable {
        /// Nothing has that path yet.
        case missing
        /// It is not to be read.
        case unreadable
        /// It does not say what it should.
        case invalid
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what helps, for people.
    public let message: String
    /// The error that this one stands for; nil when there is none.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        (self.code, self.message, self.cause) = (code, message, cause)
    }

    /// The message, and the cause's.
    public var description: String { cause.map { "\(message): \($0)" } ?? message }
}
