import AWS

/// Who this program is to AWS, and who shall be the master of a domain.
struct Principal: Equatable, Sendable {
    /// The number of the account.
    let account: String
    /// As AWS calls it: the user, or the session of a role.
    let arn: String

    init(_ identity: CallerIdentity) {
        (account, arn) = (identity.account, identity.arn)
    }

    init(account: String, arn: String) {
        (self.account, self.arn) = (account, arn)
    }

    /// `aws`, `aws-cn` or `aws-us-gov`.
    var partition: String { String(parts.count > 1 ? parts[1] : "aws") }

    /// The part behind the account: `user/NAME`, `assumed-role/ROLE/SESSION`, `root`.
    private var name: Substring { parts.count > 5 ? parts[5] : "" }
    private var parts: [Substring] {
        arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    }

    /// The ARN of the domain of this name in the account.
    func domainARN(_ domain: String, in region: String) -> String {
        "arn:\(partition):es:\(region):\(account):domain/\(domain)"
    }

    /// The ARN that a domain takes as its master: of a user itself, of a session its role, whose path AWS has to tell.
    ///
    /// - Parameter role: looks up a role by its name.
    /// - Throws: ``DomainServiceError`` with `.identity` for who can be no master, or what the look-up throws.
    func masterARN(role: (String) throws(DomainServiceError) -> String) throws(DomainServiceError) -> String {
        let words = name.split(separator: "/")
        switch words.first {
        case "user": return arn
        case "assumed-role" where words.count >= 2: return try role(String(words[1]))
        default:
            throw DomainServiceError(
                .identity, "\(arn) cannot be the master of a domain",
                remedy: "use the credentials of an IAM user or role, or name one by aws.master_role_arn")
        }
    }
}
