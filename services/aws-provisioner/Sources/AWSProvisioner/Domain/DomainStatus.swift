import JSON

/// How a domain is, as AWS describes it; members that are not known here are passed over.
struct DomainStatus: Equatable, Sendable {
    /// The most bytes that are kept of words of AWS.
    private static let wordsMax = 400

    /// The name by which the whole world can tell it apart.
    var arn: String
    /// Its place to send requests to, as a URL; nil while it has none.
    var endpoint: String?
    /// Whether it was made, or is being made far enough.
    var isCreated = false
    /// Whether it is being deleted.
    var isDeleted = false
    /// Whether a change of it is under way.
    var isProcessing = false
    /// AWS' word for its state, such as `Creating`; nil where it has none.
    var state: String?
    /// The id of its last change.
    var changeID: String?
    /// What was said about the last change, when that failed.
    var changeFailure: String?
    /// Its properties.
    var configuration = DomainConfiguration()

    /// nil for what describes no domain.
    init?(_ node: JSONNode) {
        guard node.kind == .object, let arn = node["ARN"]?.printable, arn.hasPrefix("arn:") else { return nil }
        self.arn = arn
        let host = node["Endpoint"]?.printable ?? node["Endpoints"]?["vpc"]?.printable
        endpoint = host.flatMap { $0.isEmpty ? nil : "https://\($0)" }
        isCreated = node["Created"]?.bool ?? false
        isDeleted = node["Deleted"]?.bool ?? false
        isProcessing = node["Processing"]?.bool == true || node["UpgradeProcessing"]?.bool == true
        state = node["DomainProcessingStatus"]?.printable.map { String($0.prefix(64)) }
        let change = node["ChangeProgressDetails"]
        changeID = change?["ChangeId"]?.string.map { String($0.prefix(64)) }
        if ["ValidationFailed", "Cancelled"].contains(change?["ConfigChangeStatus"]?.string) {
            let words = change?["Message"]?.printable ?? ""
            changeFailure = words.isEmpty ? ChangeProgress.noReason : String(words.prefix(Self.wordsMax))
        }
        configuration = DomainConfiguration(node)
    }

    /// Whether requests can be sent to it, and no change is under way.
    var isReady: Bool { isSettled && isCreated && endpoint != nil }

    /// Whether nothing is under way.
    var isSettled: Bool { !isDeleted && !isProcessing && (state ?? "Active") == "Active" }

    /// The number of the account that it belongs to.
    var account: String {
        arn.split(separator: ":", omittingEmptySubsequences: false).dropFirst(4).first.map(String.init) ?? ""
    }
}

/// How far a change of a domain is.
struct ChangeProgress: Equatable, Sendable {
    /// What is told of a failure of which AWS tells nothing.
    static let noReason = "AWS says no reason"
    private static let stagesMax = 100
    private static let wordsMax = 400

    /// Stages that the change has; nil before AWS knows.
    var stageCount: Int?
    /// The stage that is under way, counted from 1; nil before the first.
    var stage: Int?
    /// Its name.
    var name: String?
    /// Why the change has failed; nil when it has not.
    var failure: String?

    /// nil for what tells nothing about a change.
    init?(_ node: JSONNode) {
        guard node.kind == .object else { return nil }
        let stages = (node["ChangeProgressStages"]?.elements).map { Array($0.prefix(Self.stagesMax)) } ?? []
        let count = node["TotalNumberOfStages"]?.int64.flatMap(Int.init(exactly:)) ?? stages.count
        stageCount = count > 0 ? max(count, stages.count) : nil
        let status = { (stage: JSONNode) in stage["Status"]?.string?.uppercased() }
        let current =
            stages.firstIndex { !["COMPLETED", "PENDING"].contains(status($0)) }
            ?? stages.firstIndex { status($0) != "COMPLETED" }
        if let current {
            stage = current + 1
            name = stages[current]["Name"]?.printable.map { String($0.prefix(100)) }
        }
        if node["ConfigChangeStatus"]?.string == "PendingUserInput" {
            name = "AWS waits for an answer of yours in its console"
        }
        if node["Status"]?.string == "FAILED" || node["ConfigChangeStatus"]?.string == "ValidationFailed" {
            var words: [String] =
                (node["ValidationFailures"]?.elements).map { $0.compactMap { $0["Message"]?.printable } } ?? []
            if words.isEmpty, let description = current.flatMap({ stages[$0]["Description"]?.printable }) {
                words = [[name, description].compactMap { $0 }.joined(separator: ": ")]
            }
            failure = words.isEmpty ? Self.noReason : String(words.joined(separator: "; ").prefix(Self.wordsMax))
        }
    }
}
