import JSON

/// What this program has begun with a domain, as it is kept across restarts. It holds no secret.
struct WorkRecord: Equatable, Sendable {
    /// The form of the file; what a newer one means is not known here.
    private static let version: Int64 = 1

    /// How far the work is.
    enum Phase: String, Sendable {
        /// The domain was asked for, or is about to be.
        case creating
        /// A change was asked for, or is about to be.
        case changing
        /// AWS has done its part, and the domain is not prepared for events yet.
        case made
        /// Events can be sent to it.
        case ready
        /// Its deletion was asked for, or is about to be.
        case deleting
    }

    /// Which domain: its name, region and account.
    var domain: String
    var region: String
    var account: String
    var phase: Phase
    /// The hash of what was asked for; written before it is asked for.
    var requestHash: String?
    /// The hash of the last change that AWS has refused or could not carry out: it is not asked for again before somebody wants it.
    var failedHash: String?
    /// The domain's ARN, as soon as AWS has told it.
    var arn: String?
    /// The id of the change that is under way.
    var changeID: String?
    /// When the work was begun, in seconds since 1970.
    var beganAt: Int64
    /// Where events go, once that is known; of a domain that is changed, only when it was ready before.
    var endpoint: String?

    init(domain: String, region: String, account: String, phase: Phase, beganAt: Int64) {
        (self.domain, self.region, self.account) = (domain, region, account)
        (self.phase, self.beganAt) = (phase, beganAt)
    }

    /// Reads what ``json`` has written; nil for anything else.
    init?(_ bytes: [UInt8]) {
        let record: WorkRecord?? = JSONNode.reading(bytes) { root in
            guard root["version"]?.int64 == Self.version, let domain = root["domain"]?.string,
                let region = root["region"]?.string, let account = root["account"]?.string,
                let phase = root["phase"]?.string.flatMap(Phase.init), let beganAt = root["began_at"]?.int64
            else { return nil }
            var record = WorkRecord(domain: domain, region: region, account: account, phase: phase, beganAt: beganAt)
            record.requestHash = root["request_hash"]?.string
            record.failedHash = root["failed_hash"]?.string
            record.arn = root["arn"]?.string
            record.changeID = root["change_id"]?.string
            record.endpoint = root["endpoint"]?.string
            return record
        }
        guard let record = record ?? nil else { return nil }
        self = record
    }

    /// The record as one JSON object.
    var json: [UInt8] {
        JSONWriter.object { json in
            json.member("version", Self.version)
            json.member("domain", domain)
            json.member("region", region)
            json.member("account", account)
            json.member("phase", phase.rawValue)
            json.member("request_hash", requestHash)
            json.member("failed_hash", failedHash)
            json.member("arn", arn)
            json.member("change_id", changeID)
            json.member("began_at", beganAt)
            json.member("endpoint", endpoint)
        } + [UInt8(ascii: "\n")]
    }

    /// Whether events can be sent to the domain: it is ready, or was so before the change that is under way.
    var isUsable: Bool { phase == .ready || phase == .changing && endpoint != nil }

    /// Whether it is about this domain.
    func isAbout(_ name: String, in region: String, of account: String) -> Bool {
        (domain, self.region, self.account) == (name, region, account)
    }
}
