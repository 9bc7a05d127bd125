// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration

/// Who the services are to AWS. What is not said here, the variables and files of AWS' own programs say.
///
/// The keys have no variables of AWS' names, which mean less: keys in the environment count before `AWS_PROFILE`, and not
/// before a profile that is named here.
public struct AWSSettings: SettingsSection {
    @Setting(
        "aws.profile", .optionalText, default: nil, environment: "IDS_AWS_PROFILE",
        """
        Profile of the credentials, such as `moi33`. By default what AWS' own programs take: keys in the environment, \
        `AWS_PROFILE`, `default`.
        """)
    public var profile

    @Setting(
        "aws.region", .optionalText, default: nil, environment: "IDS_AWS_REGION",
        """
        Region that requests are signed for. By default that in the host's name, else `AWS_REGION` or that of the \
        profile.
        """)
    public var region

    /// The environment, whose variables AWS' own programs read, too.
    public var environment: @Sendable (String) -> String? = { _ in nil }

    public init() {}

    public mutating func complete(_ reader: ConfigurationReader) {
        environment = reader.environment
    }

    /// The section `aws`.
    public static let section = ConfigurationSection(
        "aws",
        "Who the services are to AWS, where they sign requests, and the domain that aws-provisioner makes there.",
        of: Self.self, AWSDomainSettings.self)
}
