import JSON
import OpenSearchBulk
import Settings

/// The policy of OpenSearch's index state management: `hot` while an index is written, `warm` when it is only read, and
/// then deleted.
enum LifecyclePolicy {
    /// One for each class, as each has its age.
    static func objects(_ settings: OpenSearchSettings) -> [ManagedObject] {
        settings.eventClasses.map { eventClass in
            ManagedObject(
                policy: ManagedObjects.name(settings, eventClass), description: "Suricata events: hot, warm, deleted",
                members: { json in
                    json.member("default_state", "hot")
                    let age = settings.deletionAges[eventClass] ?? 0
                    json.array("states") { writeStates(settings, deleteAfterDays: age, to: &$0) }
                    json.array("ism_template") { json in
                        json.object { json in
                            json.member("index_patterns", [ManagedObjects.pattern(settings, eventClass)])
                            json.member("priority", ManagedObjects.priority(settings, eventClass))
                        }
                    }
                })
        }
    }

    private static func writeStates(
        _ settings: OpenSearchSettings, deleteAfterDays: Int, to json: inout JSONWriter
    ) {
        let deletion = deleteAfterDays > 0 ? (name: "delete", afterDays: deleteAfterDays) : nil
        // What goes sooner need not be merged.
        let isGoneBeforeWarm = deletion.map { $0.afterDays <= settings.warmAfterDays } ?? false
        let warm = (name: "warm", afterDays: settings.warmAfterDays)
        writeState("hot", next: isGoneBeforeWarm ? deletion : warm, to: &json) { actions in
            // A data stream gets a new index every day, or before the shards of one become slow; indexes have the day in
            // their names.
            guard settings.mode == .datastream else { return }
            writeAction("rollover", to: &actions) { action in
                action.member("min_index_age", "1d")
                action.member("min_primary_shard_size", "30gb")
            }
        }
        if !isGoneBeforeWarm {
            writeState("warm", next: deletion, to: &json) { actions in
                writeAction("replica_count", to: &actions) { $0.member("number_of_replicas", settings.replicas) }
                writeAction("index_priority", to: &actions) { $0.member("priority", 50) }
                writeAction("force_merge", to: &actions) { $0.member("max_num_segments", 1) }
            }
        }
        if deletion != nil { writeState("delete", next: nil, to: &json) { writeAction("delete", to: &$0) { _ in } } }
    }

    /// - Parameter next: the state that follows, and the age of the index in days at which it does.
    private static func writeState(
        _ name: String, next: (name: String, afterDays: Int)?, to json: inout JSONWriter,
        actions: (inout JSONWriter) -> Void
    ) {
        json.object { json in
            json.member("name", name)
            json.array("actions", actions)
            json.array("transitions") { json in
                guard let next else { return }
                json.object { json in
                    json.member("state_name", next.name)
                    json.object("conditions") { $0.member("min_index_age", "\(next.afterDays)d") }
                }
            }
        }
    }

    private static func writeAction(
        _ name: String, to json: inout JSONWriter, _ members: (inout JSONWriter) -> Void
    ) {
        json.object { $0.object(name, members) }
    }
}
