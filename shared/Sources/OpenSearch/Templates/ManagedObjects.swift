import JSON
import OpenSearchBulk
public import Settings

/// Everything that OpenSearch needs before the first document: component templates, the index template that is made of
/// them, and the lifecycle policies.
public enum ManagedObjects {
    /// The objects, in the order in which they must be put, as some refer to earlier ones.
    public static func all(_ settings: OpenSearchSettings) -> [ManagedObject] {
        let name = "ids-suite-\(settings.indexPrefix)"
        let components = [
            ManagedObject(
                template: .componentTemplate, "\(name)-settings", description: "Shards, replicas and bounds",
                members: { writeIndexSettings(settings, to: &$0) }),
            ManagedObject(
                template: .componentTemplate, "\(name)-ecs", description: "Elastic Common Schema",
                members: { json in
                    writeMappings(to: &json) { $0.member("properties", ECSMapping.properties) }
                }),
            ManagedObject(
                template: .componentTemplate, "\(name)-suricata", description: "Suricata's own names",
                members: { json in
                    writeMappings(to: &json) { json in
                        json.array("dynamic_templates", EVEMapping.writeDynamicTemplates)
                        json.member("properties", EVEMapping.properties)
                    }
                }),
        ]
        return components + [indexTemplate(settings, of: components)] + LifecyclePolicy.objects(settings)
    }

    /// The name of the index template and of the policy: one for each mode, as a template is for indexes or for streams. The
    /// template of telemetry is for all classes, a policy for one.
    static func name(_ settings: OpenSearchSettings, _ eventClass: EventClass = .telemetry) -> String {
        "ids-suite-\(settings.indexPrefix)\(eventClass.infix)" + (settings.mode == .index ? "" : "-stream")
    }

    /// The names that the template and the policy are for.
    static func pattern(_ settings: OpenSearchSettings, _ eventClass: EventClass = .telemetry) -> String {
        settings.mode == .index ? "\(settings.indexPrefix)\(eventClass.infix)-*" : settings.indexPrefix
    }

    /// Above templates for everything, below those of an operator (250 and more). `suricata-*` matches what
    /// `suricata-lab-*` and the class `suricata-alerts-*` are for as well: the longer one is stronger.
    static func priority(_ settings: OpenSearchSettings, _ eventClass: EventClass = .telemetry) -> Int {
        150 + settings.indexPrefix.utf8.count + eventClass.infix.utf8.count
    }

    private static func indexTemplate(_ settings: OpenSearchSettings, of components: [ManagedObject]) -> ManagedObject {
        ManagedObject(
            template: .indexTemplate, name(settings), description: "Suricata events as ECS documents",
            members: { json in
                json.member("index_patterns", [pattern(settings)])
                if settings.mode == .datastream { json.object("data_stream") { _ in } }
                json.member("priority", priority(settings))
                json.member("composed_of", components.map(\.name))
            })
    }

    private static func writeMappings(to json: inout JSONWriter, _ members: (inout JSONWriter) -> Void) {
        json.object("template") { json in
            json.object("mappings") { json in
                json.member("dynamic", false)
                json.member("date_detection", false)
                members(&json)
            }
        }
    }

    /// A value that does not fit its field is left out of that field's index, and its document kept
    /// (`ignore_malformed`). Depth, fields and nested objects are bounded for whatever comes.
    private static func writeIndexSettings(_ settings: OpenSearchSettings, to json: inout JSONWriter) {
        json.object("template") { json in
            json.object("settings") { json in
                json.object("index") { json in
                    json.member("number_of_shards", settings.shards)
                    json.member("number_of_replicas", settings.replicas)
                    json.member("codec", "best_compression")
                    json.object("mapping") { json in
                        json.member("ignore_malformed", true)
                        for (bound, limit) in [("total_fields", 1_000), ("depth", 100), ("nested_objects", 100_000)] {
                            json.object(bound) { $0.member("limit", limit) }
                        }
                    }
                }
            }
        }
    }
}
