import Settings

/// The policy of OpenSearch's index state management: `hot` while an index is written, `warm` when it is only read, and
/// then deleted.
enum LifecyclePolicy {
    static func object(_ settings: OpenSearchSettings) -> StoreObject {
        let name = StoreObjects.name(settings)
        let states = [hot(settings), warm(settings)] + (settings.deleteAfterDays > 0 ? [delete] : [])
        return StoreObject(
            policy: name,
            members: """
                "default_state":"hot","states":[\(states.joined(separator: ","))],\
                "ism_template":[{"index_patterns":["\(StoreObjects.pattern(settings))"],\
                "priority":\(StoreObjects.priority(settings))}]
                """, description: "Suricata events: hot, warm, deleted")
    }

    /// A data stream gets a new index every day, or before the shards of one become slow; indexes have the day in
    /// their names.
    private static func hot(_ settings: OpenSearchSettings) -> String {
        let rollover = #"{"rollover":{"min_index_age":"1d","min_primary_shard_size":"30gb"}}"#
        return state(
            "hot", actions: settings.mode == .datastream ? [rollover] : [],
            next: "warm", afterDays: settings.warmAfterDays)
    }

    private static func warm(_ settings: OpenSearchSettings) -> String {
        state(
            "warm",
            actions: [
                #"{"replica_count":{"number_of_replicas":\#(settings.replicas)}}"#,
                #"{"index_priority":{"priority":50}}"#,
                #"{"force_merge":{"max_num_segments":1}}"#,
            ], next: settings.deleteAfterDays > 0 ? "delete" : nil, afterDays: settings.deleteAfterDays)
    }

    private static let delete = state("delete", actions: [#"{"delete":{}}"#], next: nil, afterDays: 0)

    private static func state(_ name: String, actions: [String], next: String?, afterDays: Int) -> String {
        let transition = next.map { #"{"state_name":"\#($0)","conditions":{"min_index_age":"\#(afterDays)d"}}"# }
        return """
            {"name":"\(name)","actions":[\(actions.joined(separator: ","))],"transitions":[\(transition ?? "")]}
            """
    }
}
