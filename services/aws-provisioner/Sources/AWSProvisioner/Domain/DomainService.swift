import AWS
import HTTPClient
import HTTPTypes
import JSON
import Lifecycle
import Settings

/// The control plane of Amazon OpenSearch Service in one region (API version 2021-01-01).
///
/// What reads is tried again for a while when AWS is too busy, or does not answer; what changes something is sent once, for who
/// asks has to look first what the request has done.
struct DomainService: Sendable {
    private static let timeoutMilliseconds = 15_000
    private static let attemptsMax = 5
    private static let pagesMax = 20

    let session: AWSSession
    let region: String
    /// Waits between two attempts, in milliseconds, and says whether to give up.
    let pause: @Sendable (Int) -> Bool
    private let endpoint: String

    /// - Throws: `AWSError` when the files with AWS' settings cannot be read.
    init(
        _ session: AWSSession, region: String,
        pause: @escaping @Sendable (Int) -> Bool = { StopSignal().wait(milliseconds: $0) }
    ) throws {
        self.session = session
        self.region = region
        self.pause = pause
        let host = "es.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")"
        var endpoint = try session.endpoint(of: "opensearch") ?? "https://\(host)"
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        self.endpoint = endpoint
    }

    // MARK: - Reading

    /// Who asks.
    func principal() throws(DomainServiceError) -> Principal {
        try retrying { () throws(DomainServiceError) in
            do {
                return Principal(try session.callerIdentity())
            } catch {
                throw DomainServiceError("GetCallerIdentity", error)
            }
        }
    }

    /// The ARN, with its path, of a role in the account of who asks.
    func roleARN(_ name: String, for principal: Principal) throws(DomainServiceError) -> String {
        try retrying { () throws(DomainServiceError) in
            do {
                return try session.roleARN(named: name, partition: principal.partition)
            } catch {
                let roles = "arn:\(principal.partition):iam::\(principal.account):role/*"
                let failure = DomainServiceError("GetRole", on: roles, error)
                guard failure.code == .denied else { throw failure }
                throw DomainServiceError(
                    .denied, failure.message,
                    remedy: failure.remedy + "\nor name the role with its path by aws.master_role_arn")
            }
        }
    }

    /// How a domain is; nil when there is none.
    func describe(_ name: String) throws(DomainServiceError) -> DomainStatus? {
        do throws(DomainServiceError) {
            return try read("DescribeDomain", "opensearch/domain/\(name)", about: name) { root in
                root["DomainStatus"].flatMap(DomainStatus.init)
            }
        } catch  where error.code == .missing {
            return nil
        }
    }

    /// The tags of a domain.
    func tags(of arn: String) throws(DomainServiceError) -> [String: String] {
        try read("ListTags", "tags/?arn=\(PercentEncoding.encode(arn))", about: arn) { root in
            guard let list = root["TagList"] else { return nil }
            var tags: [String: String] = [:]
            for tag in list.elements.prefix(200) {
                if let key = tag["Key"]?.string { tags[key] = tag["Value"]?.string ?? "" }
            }
            return tags
        }
    }

    /// The versions of engines that AWS offers, the newest first.
    func versions() throws(DomainServiceError) -> [String] {
        var versions: [String] = []
        var token: String?
        for _ in 0..<Self.pagesMax {
            let query = token.map { "?nextToken=\(PercentEncoding.encode($0))" } ?? ""
            let page = try read("ListVersions", "opensearch/versions\(query)", about: "*") { root in
                root["Versions"].map { ($0.elements.prefix(1_000).compactMap(\.string), root["NextToken"]?.string) }
            }
            versions += page.0
            token = page.1
            if token == nil { break }
        }
        return versions
    }

    /// How far a domain is that is waited for; nil where that cannot be seen: one can wait without knowing the stage, and who may
    /// not see it sees the rest all the same.
    func progress(of name: String, _ status: DomainStatus) -> ChangeProgress? {
        if status.isReady || status.isDeleted { return nil }
        return (try? progress(of: name, change: status.changeID)) ?? nil
    }

    /// How far a change is; nil when AWS knows nothing of it.
    func progress(of name: String, change: String?) throws(DomainServiceError) -> ChangeProgress? {
        let query = change.map { "?changeid=\(PercentEncoding.encode($0))" } ?? ""
        do throws(DomainServiceError) {
            let path = "opensearch/domain/\(name)/progress\(query)"
            return try read("DescribeDomainChangeProgress", path, about: name) { root in
                root["ChangeProgressStatus"].flatMap(ChangeProgress.init)
            }
        } catch  where error.code == .missing {
            return nil
        }
    }

    // MARK: - Changing

    /// Makes a domain.
    /// - Returns: how it is; its endpoint comes later.
    func create(_ body: [UInt8], name: String) throws(DomainServiceError) -> DomainStatus {
        try carryOut("CreateDomain", .post, "opensearch/domain", body, about: name) { root in
            root["DomainStatus"].flatMap(DomainStatus.init)
        }
    }

    /// Changes a domain.
    func update(_ name: String, _ body: [UInt8]) throws(DomainServiceError) {
        try carryOut("UpdateDomainConfig", .post, "opensearch/domain/\(name)/config", body, about: name) { _ in () }
    }

    /// Writes tags on a domain.
    func addTags(_ tags: [AWSTag], to arn: String) throws(DomainServiceError) {
        let body = JSONWriter.object { json in
            json.member("ARN", arn)
            json.member("TagList", tags: tags)
        }
        let response = try response("AddTags", .post, "tags", body, about: arn)
        guard response.status == .ok else { throw DomainServiceError("AddTags", on: arn, in: region, response) }
    }

    /// Begins to delete a domain with all that is in it.
    func delete(_ name: String) throws(DomainServiceError) {
        try carryOut("DeleteDomain", .delete, "opensearch/domain/\(name)", nil, about: name) { _ in () }
    }

    // MARK: - Requests

    private func read<Result>(
        _ action: String, _ path: String, about resource: String, _ read: (JSONNode) -> Result?
    ) throws(DomainServiceError) -> Result {
        try retrying { () throws(DomainServiceError) in
            try carryOut(action, .get, path, nil, about: resource, read)
        }
    }

    private func retrying<Result>(
        _ body: () throws(DomainServiceError) -> Result
    ) throws(DomainServiceError) -> Result {
        var backoff = Backoff(firstMilliseconds: 500, capMilliseconds: 8_000)
        while true {
            do throws(DomainServiceError) {
                return try body()
            } catch  where error.code == .passing && backoff.failures + 1 < Self.attemptsMax {
                if pause(backoff.next()) { throw error }
            }
        }
    }

    private func carryOut<Result>(
        _ action: String, _ method: HTTPMethod, _ path: String, _ body: [UInt8]?, about resource: String,
        _ read: (JSONNode) -> Result?
    ) throws(DomainServiceError) -> Result {
        let response = try response(action, method, path, body, about: resource)
        guard response.status == .ok else {
            throw DomainServiceError(action, on: domainARN(resource), in: region, response)
        }
        guard let result = JSONNode.reading(response.body, read) ?? nil else {
            throw DomainServiceError(.passing, "\(action): the answer is none of Amazon OpenSearch Service")
        }
        return result
    }

    private func response(
        _ action: String, _ method: HTTPMethod, _ path: String, _ body: [UInt8]?, about resource: String
    ) throws(DomainServiceError) -> ClientResponse {
        let request = ClientRequest(
            method, "\(endpoint)/2021-01-01/\(path)", fields: body == nil ? [:] : ["Content-Type": "application/json"],
            body: body.map(BytesBody.init), isRepeatable: method == .get)
        do throws(AWSError) {
            return try session.answer(
                to: request, of: "es", region: region, timeoutMilliseconds: Self.timeoutMilliseconds)
        } catch {
            throw DomainServiceError(action, error)
        }
    }

    /// The name of a domain as policies have it, in whatever account.
    private func domainARN(_ resource: String) -> String {
        let partition = region.hasPrefix("cn-") ? "aws-cn" : region.hasPrefix("us-gov-") ? "aws-us-gov" : "aws"
        return resource.hasPrefix("arn:") || resource == "*"
            ? resource : "arn:\(partition):es:\(region):*:domain/\(resource)"
    }
}

extension JSONWriter {
    /// Writes a member that is a list of tags.
    mutating func member(_ name: String, tags: [AWSTag]) {
        array(name) { json in
            for tag in tags {
                json.object { json in
                    json.member("Key", tag.key)
                    json.member("Value", tag.value)
                }
            }
        }
    }
}
