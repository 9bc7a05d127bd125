import Configuration
import Files
import JSON
import Settings

/// The domain that the settings ask for.
struct DesiredDomain: Sendable {
    /// The tag by which a domain is known as one of ours.
    static let ownerTag = AWSTag("ids-suite:managed-by", "aws-provisioner")

    /// Whether a domain with these tags is one that we look after.
    static func isOurs(_ tags: [String: String]) -> Bool { tags[ownerTag.key] == ownerTag.value }
    /// The tag with the sensor that the domain was made for.
    static let sensorKey = "ids-suite:sensor"
    private static let enginePrefix = "OpenSearch_"
    /// The versions that the suite is tested with.
    private static let testedMajor = 2
    private static let testedMinors = 7...19
    private static let policyBytesMax = 100 << 10

    /// What one property shall be.
    struct Wish: Sendable, Equatable {
        let property: DomainProperty
        let value: DomainProperty.Value
        /// The key that sets it, if a key does; without one it counts only for a domain that is made.
        let key: String?
        /// Whether somebody has set that key.
        let isConfigured: Bool
    }

    let name: String
    let wishes: [Wish]
    /// The tags, ours first.
    let tags: [AWSTag]

    /// - Parameters:
    ///   - engine: the version of a domain that is made, or that of one that is there.
    ///   - master: the ARN of its master; nil when it does not matter.
    ///   - domainARN: its own name in the account.
    ///   - policy: the access policy of a domain that is there. Whom it lets in, such as other sensors, stays in.
    /// - Throws: ``DomainServiceError`` with `.misconfigured` for a file with a policy that cannot be used.
    init(
        _ settings: AWSDomainSettings, engine: String?, master: String?, domainARN: String, policy found: String?
    ) throws(DomainServiceError) {
        name = settings.domainName
        tags = [Self.ownerTag, AWSTag(Self.sensorKey, settings.sensorName)] + (settings.tags ?? [])
        var wishes: [Wish] = []
        func wish(_ property: DomainProperty, _ value: DomainProperty.Value?, _ key: String? = nil, isSet: Bool = false)
        {
            if let value { wishes.append(Wish(property: property, value: value, key: key, isConfigured: isSet)) }
        }
        func wish<Kept>(_ property: DomainProperty, _ value: DomainProperty.Value?, by setting: Setting<Kept>) {
            wish(property, value, setting.name, isSet: setting.origin.isSet)
        }
        wish(.engineVersion, engine.map { .text($0) }, by: settings.$engineVersion)
        wish(.instanceType, .text(settings.instanceType), by: settings.$instanceType)
        wish(.instanceCount, .number(settings.instanceCount), by: settings.$instanceCount)
        wish(.volumes, .flag(true))
        wish(.volumeType, .text("gp3"))
        wish(.volumeGiB, .number(settings.volumeGiB), by: settings.$volumeGiB)
        wish(.encryptionAtRest, .flag(true))
        wish(.encryptionBetweenNodes, .flag(true))
        wish(.httpsOnly, .flag(true))
        wish(.tlsPolicy, .text("Policy-Min-TLS-1-2-PFS-2023-10"))
        wish(.fineGrainedAccess, .flag(true))
        wish(.internalUsers, .flag(false))
        wish(.master, master.map { .text($0) }, by: settings.$masterARN)
        let own = master.map { [$0] + (settings.shipperARN.map { [$0] } ?? []) }
        let policy =
            try settings.accessPolicyFile.map(Self.policy)
            ?? own.map { AccessPolicy.text(found, with: $0, on: domainARN) }
        let isPolicySet = settings.$accessPolicyFile.origin.isSet || settings.$shipperARN.origin.isSet
        wish(.accessPolicy, policy.map { .text($0) }, settings.$accessPolicyFile.name, isSet: isPolicySet)
        self.wishes = wishes
    }

    /// The version that a new domain gets.
    ///
    /// - Throws: ``DomainServiceError``: with `.misconfigured` when AWS does not offer the one that is configured, with `.invalid`
    ///   when it offers none that is tested.
    static func engine(configured: String?, offered: [String]) throws(DomainServiceError) -> String {
        let ours = offered.filter { $0.hasPrefix(enginePrefix) }
        if let configured {
            guard ours.contains(configured) else {
                let list = ours.prefix(20).map { $0.dropFirst(enginePrefix.count) }.joined(separator: ", ")
                throw DomainServiceError(
                    .misconfigured,
                    "aws.engine_version is \(configured.dropFirst(enginePrefix.count)), which AWS does not offer",
                    remedy: "it offers \(list)")
            }
            return configured
        }
        let tested = ours.compactMap { version -> (minor: Int, version: String)? in
            let parts = version.dropFirst(enginePrefix.count).split(separator: ".").map { Int($0) }
            guard parts.count == 2, parts[0] == testedMajor, let minor = parts[1], testedMinors.contains(minor) else {
                return nil
            }
            return (minor, version)
        }
        guard let newest = tested.max(by: { $0.minor < $1.minor }) else {
            throw DomainServiceError(
                .invalid,
                "AWS offers no version of OpenSearch from \(testedMajor).\(testedMinors.lowerBound) to "
                    + "\(testedMajor).\(testedMinors.upperBound), which ids-suite is tested with",
                remedy: "choose another by aws.engine_version")
        }
        return newest.version
    }

    private static func policy(_ path: String) throws(DomainServiceError) -> String {
        let remedy = "correct aws.access_policy_file"
        do throws(FileError) {
            let bytes = try OpenFile(regular: path).content(bytesMax: policyBytesMax)
            if JSONNode.reading(bytes, { $0["Statement"] != nil }) == true {
                return String(decoding: bytes, as: UTF8.self)
            }
        } catch {
            throw DomainServiceError(.misconfigured, "\(error)", remedy: remedy)
        }
        throw DomainServiceError(
            .misconfigured, "\(path) is no access policy: no JSON object with a \"Statement\"", remedy: remedy)
    }
}
