import Settings

/// All that the store has to know before the first document: component templates, the index template that is made of
/// them, and the lifecycle policy. In the order in which they are put, as one needs the other.
enum StoreObjects {
    static func all(_ settings: OpenSearchSettings) -> [StoreObject] {
        let name = "ids-suite-\(settings.indexPrefix)"
        let components = [
            StoreObject(
                .componentTemplate, "\(name)-settings", members: indexSettings(settings),
                description: "Shards, replicas and bounds"),
            StoreObject(
                .componentTemplate, "\(name)-ecs", members: mappings("\"properties\":\(ECSMapping.properties)"),
                description: "Elastic Common Schema"),
            StoreObject(
                .componentTemplate, "\(name)-suricata",
                members: mappings(
                    """
                    "dynamic_templates":\(EVEMapping.dynamicTemplates),"properties":\(EVEMapping.properties)
                    """),
                description: "Suricata's own names"),
        ]
        return components + [indexTemplate(settings, of: components), LifecyclePolicy.object(settings)]
    }

    /// The name of the index template and of the policy: one for each mode, as a template is for indexes or for streams.
    static func name(_ settings: OpenSearchSettings) -> String {
        "ids-suite-\(settings.indexPrefix)" + (settings.mode == .index ? "" : "-stream")
    }

    /// The names that the template and the policy are for.
    static func pattern(_ settings: OpenSearchSettings) -> String {
        settings.mode == .index ? "\(settings.indexPrefix)-*" : settings.indexPrefix
    }

    /// Above templates for everything, below those of an operator (250 and more). `suricata-*` matches what
    /// `suricata-lab-*` is for as well: the longer one is stronger.
    static func priority(_ settings: OpenSearchSettings) -> Int { 150 + settings.indexPrefix.utf8.count }

    private static func indexTemplate(
        _ settings: OpenSearchSettings, of components: [StoreObject]
    ) -> StoreObject {
        let names = components.map { "\"\($0.name)\"" }.joined(separator: ",")
        let stream = settings.mode == .datastream ? #""data_stream":{},"# : ""
        return StoreObject(
            .indexTemplate, name(settings),
            members: """
                "index_patterns":["\(pattern(settings))"],\(stream)"priority":\(priority(settings)),\
                "composed_of":[\(names)]
                """, description: "Suricata events as ECS documents")
    }

    private static func mappings(_ members: String) -> String {
        #""template":{"mappings":{"dynamic":false,"date_detection":false,\#(members)}}"#
    }

    /// A value that does not fit its field is left out of that field's index, and its document kept
    /// (`ignore_malformed`). Depth, fields and nested objects are bounded for whatever comes.
    private static func indexSettings(_ settings: OpenSearchSettings) -> String {
        """
        "template":{"settings":{"index":{"number_of_shards":\(settings.shards),\
        "number_of_replicas":\(settings.replicas),"codec":"best_compression","mapping":{"ignore_malformed":true,\
        "total_fields":{"limit":1000},"depth":{"limit":100},"nested_objects":{"limit":100000}}}}}
        """
    }
}
