// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration

/// The domain of Amazon OpenSearch Service that `aws-provisioner` makes and looks after.
///
/// A key that nobody sets has a default for a domain that is made; of one that is there, it says nothing.
public struct AWSDomainSettings: SettingsSection {
    @Setting(
        "aws.domain_name", domainNameForm, default: "ids-suite", environment: "IDS_AWS_DOMAIN_NAME",
        "Name of the domain in Amazon OpenSearch Service. Another name is another domain.")
    public var domainName

    @Setting(
        "aws.engine_version", engineVersionForm.optional, default: nil, environment: "IDS_AWS_ENGINE_VERSION",
        "Version of OpenSearch. By default the newest that AWS offers of those that ids-suite is tested with.")
    public var engineVersion

    @Setting(
        "aws.instance_type", instanceTypeForm, default: "t3.small.search", environment: "IDS_AWS_INSTANCE_TYPE",
        "Kind of machine that the domain runs on.")
    public var instanceType

    @Setting(
        "aws.instance_count", .integer(in: 1...80), default: 1, environment: "IDS_AWS_INSTANCE_COUNT",
        "How many machines hold the data. With more than one, `opensearch.replicas` may be 1.")
    public var instanceCount

    @Setting(
        "aws.volume_gib", .integer(in: 10...16_384), default: 10, environment: "IDS_AWS_VOLUME_GIB",
        "Size of the volume of each machine, gp3, in GiB. AWS has a most for each kind of machine.")
    public var volumeGiB

    @Setting(
        "aws.master_role_arn", masterForm.optional, default: nil, environment: "IDS_AWS_MASTER_ROLE_ARN",
        """
        IAM role or user who may do everything inside the domain. By default whoever runs aws-provisioner; of an \
        assumed role the role itself.
        """)
    public var masterARN

    @Setting(
        "aws.access_policy_file", .optionalPath, default: nil, environment: "IDS_AWS_ACCESS_POLICY_FILE",
        "JSON file with the domain's access policy. By default the master alone may reach it.")
    public var accessPolicyFile

    @Setting(
        "aws.shipper_arn", masterForm.optional, default: nil, environment: "IDS_AWS_SHIPPER_ARN",
        """
        IAM role or user as which shipper and exporter sign, when that is not the master: it is let in by the access \
        policy, and gets a role inside the domain with no more rights than they need.
        """)
    public var shipperARN

    @Setting(
        "aws.tags", tagsForm.optional, default: nil, environment: "IDS_AWS_TAGS",
        "Tags of the domain beside `ids-suite:managed-by` and `ids-suite:sensor`.")
    public var tags

    @Setting(
        "aws.auto_apply", .boolean, default: false, environment: "IDS_AWS_AUTO_APPLY",
        """
        Whether `aws-provisioner run` makes the domain by itself, which costs money. By default it waits until \
        somebody has run `aws-provisioner apply`.
        """)
    public var appliesByItself

    @Setting(
        "aws.state_dir", .path, default: "/var/lib/ids-suite/aws", environment: "IDS_AWS_STATE_DIR",
        "Folder in which aws-provisioner keeps what it has begun; it is made when it is missing. Holds no secret.")
    public var stateFolder

    @Setting(
        "aws.endpoint_file", .path, default: "/var/lib/ids-suite/endpoint/opensearch.json",
        environment: "IDS_AWS_ENDPOINT_FILE",
        "File that aws-provisioner writes for shipper and exporter as soon as the domain can be reached.")
    public var endpointFile

    @Setting(
        "aws.poll_interval_ms", .milliseconds(in: 50...300_000), default: 20_000,
        environment: "IDS_AWS_POLL_INTERVAL_MS",
        "Time between two looks at a domain that is being made, changed or deleted, a quarter more or less by chance.")
    public var pollIntervalMilliseconds

    @Setting(
        "aws.look_interval_ms", .milliseconds(in: 1_000...3_600_000), default: 300_000,
        environment: "IDS_AWS_LOOK_INTERVAL_MS",
        "Time between two looks of `aws-provisioner run` at a domain that nothing happens with.")
    public var lookIntervalMilliseconds

    @Setting(
        "aws.wait_minutes_max", .integer(in: 1...1_440), default: 60, environment: "IDS_AWS_WAIT_MINUTES_MAX",
        "How long `apply` and `destroy` wait for AWS. What was begun goes on without them.")
    public var waitMinutesMax

    @Setting(
        "aws.http_port", .port, default: 9107, environment: "IDS_AWS_HTTP_PORT",
        "Port of aws-provisioner's metrics and health.")
    public var httpPort

    /// The sensor's own setting.
    @Setting(\SensorSettings.$name)
    public var sensorName

    public init() {}

    /// AWS' own rule.
    private static let domainNameForm = ValueForm<String>(
        allowed: "3 to 28 lower-case letters, digits and `-`, beginning with a letter", text: { $0 },
        parse: { text in
            let isLetter = { (byte: UInt8) in (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
            let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
            let fits = text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
            return fits && (3...28).contains(text.utf8.count) && text.utf8.first.map(isLetter) == true ? text : nil
        })

    /// With AWS' prefix or without it, which is kept.
    private static let engineVersionForm = ValueForm<String>(
        allowed: "a version of OpenSearch as `2.19`", text: { $0 },
        parse: { text in
            let number = text.hasPrefix("OpenSearch_") ? text.dropFirst("OpenSearch_".count) : text[...]
            let parts = number.split(separator: ".", omittingEmptySubsequences: false)
            let fits = parts.count == 2 && parts.allSatisfy { (1...2).contains($0.utf8.count) && UInt8($0) != nil }
            return fits ? "OpenSearch_\(number)" : nil
        })

    private static let instanceTypeForm = ValueForm<String>(
        allowed: "a kind of machine as `t3.small.search`", text: { $0 },
        parse: { text in
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let fits = parts.allSatisfy { part in
                (1...20).contains(part.utf8.count) && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
            }
            return fits && parts.count == 3 && parts[2] == "search" ? text : nil
        })

    private static let tagsForm = ValueForm<[AWSTag]>.list(
        of: AWSTag.form, count: 1...40, example: ("team=network", "cost-centre=7"))

    private static let masterForm = ValueForm<String>(
        allowed: "the ARN of a role or user, as `arn:aws:iam::123456789012:role/ids`", text: { $0 },
        parse: { text in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard text.utf8.count <= 512, parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"),
                parts[2] == "iam", parts[3].isEmpty, parts[4].utf8.count == 12, UInt64(parts[4]) != nil,
                ["role/", "user/"].contains(where: { parts[5].hasPrefix($0) && parts[5].count > $0.count }),
                text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") })
            else { return nil }
            return text
        })
}

/// What is written on something that AWS keeps.
public struct AWSTag: Sendable, Equatable {
    /// At most 128 characters.
    public let key: String
    /// At most 256 characters.
    public let value: String

    /// A tag; the caller has checked both.
    public init(_ key: String, _ value: String) {
        (self.key, self.value) = (key, value)
    }

    static let form = ValueForm<AWSTag>(
        allowed: "`KEY=VALUE` of AWS' characters for tags, the key at most 128 and the value at most 256",
        text: { "\($0.key)=\($0.value)" },
        parse: { text in
            let key = text.prefix { $0 != "=" }
            let value = text.dropFirst(key.count + 1)
            let fits = (String(key) + value).allSatisfy { $0.isLetter || $0.isNumber || " _.:/=+-@".contains($0) }
            guard text.contains("="), fits, (1...128).contains(key.count), value.count <= 256,
                !key.lowercased().hasPrefix("aws:"), !key.hasPrefix("ids-suite:")
            else { return nil }
            return AWSTag(String(key), String(value))
        })
}
