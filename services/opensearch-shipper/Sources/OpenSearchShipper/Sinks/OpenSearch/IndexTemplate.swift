/// The composable index template for the indexes of events: types for the ECS fields that are searched by, and nothing
/// that an unusual document could break.
///
/// - Unknown fields are kept in `_source` and not indexed (`dynamic: false`): neither a new Suricata version nor a hostile
///   name can make the mapping grow or a document be refused.
/// - `suricata.eve` holds the event whole; it is not even looked into (`enabled: false`), so its depth and its numbers
///   may be what they like.
/// - A value that does not fit its field is left out of that field's index, and its document kept (`ignore_malformed`).
struct IndexTemplate {
    /// Raised with every change of the template. A template of a higher version in the store is left alone.
    static let version = 1

    /// The name of the template in the store.
    let name: String
    /// The body of `PUT _index_template/NAME`.
    let json: String

    init(indexPrefix: String) {
        name = "ids-suite-\(indexPrefix)"
        var root = FieldTree()
        for (type, names) in Self.fields {
            for name in names.split(whereSeparator: \.isWhitespace) {
                root.add(name.split(separator: "."), mapping: type.mapping)
            }
        }
        // Priority 150: above templates for everything, below those that an operator writes to replace this one.
        json = """
            {"index_patterns":["\(indexPrefix)-*"],"priority":150,"version":\(Self.version),\
            "_meta":{"version":\(Self.version),"managed_by":"opensearch-shipper",\
            "description":"Suricata events as ECS documents"},\
            "template":{"settings":{"index.codec":"best_compression","index.mapping.ignore_malformed":true,\
            "index.mapping.depth.limit":100},"mappings":{"dynamic":false,"date_detection":false,\
            "properties":\(root.json)}}}
            """
    }

    private enum FieldType {
        case keyword, text, ip, long, float, date, geoPoint, boolean, notIndexed

        /// Lucene refuses terms above 32,766 bytes; 8,191 characters of UTF-8 stay below in any language.
        var mapping: String {
            switch self {
            case .keyword: #"{"type":"keyword","ignore_above":8191}"#
            case .text: #"{"type":"text"}"#
            case .ip: #"{"type":"ip"}"#
            case .long: #"{"type":"long"}"#
            case .float: #"{"type":"float"}"#
            case .date: #"{"type":"date"}"#
            case .geoPoint: #"{"type":"geo_point"}"#
            case .boolean: #"{"type":"boolean"}"#
            case .notIndexed: #"{"type":"object","enabled":false}"#
            }
        }
    }

    /// The fields by type; names and types are those of ECS 8.17, and `suricata.*` is ours.
    private static let fields: [(FieldType, String)] = [
        (
            .keyword,
            """
            ecs.version tags
            event.action event.category event.code event.dataset event.hash event.id event.kind event.module
            event.outcome event.provider event.reason event.type
            source.address source.domain source.mac source.registered_domain source.subdomain source.top_level_domain
            destination.address destination.domain destination.mac destination.registered_domain destination.subdomain
            destination.top_level_domain
            client.address client.domain client.mac server.address server.domain server.mac
            source.as.organization.name destination.as.organization.name
            source.geo.city_name source.geo.continent_code source.geo.country_iso_code source.geo.country_name
            source.geo.region_iso_code source.geo.region_name
            destination.geo.city_name destination.geo.continent_code destination.geo.country_iso_code
            destination.geo.country_name destination.geo.region_iso_code destination.geo.region_name
            network.application network.community_id network.direction network.iana_number network.protocol
            network.transport network.type network.vlan.id network.inner.vlan.id
            observer.hostname observer.ingress.interface.name observer.name observer.product observer.type
            observer.vendor observer.version
            related.hash related.hosts related.user
            rule.category rule.id rule.name rule.reference rule.ruleset rule.uuid rule.version
            threat.framework threat.tactic.id threat.tactic.name threat.technique.id threat.technique.name
            threat.technique.subtechnique.id vulnerability.enumeration vulnerability.id
            dns.header_flags dns.id dns.op_code dns.question.class dns.question.name dns.question.registered_domain
            dns.question.subdomain dns.question.top_level_domain dns.question.type dns.response_code dns.type
            dns.answers.class dns.answers.data dns.answers.name dns.answers.type
            http.request.method http.request.mime_type http.request.referrer http.response.mime_type http.version
            url.domain url.extension url.fragment url.full url.original url.path url.query url.registered_domain
            url.scheme url.subdomain url.top_level_domain
            user_agent.name user_agent.original user_agent.version user_agent.device.name user_agent.os.name
            tls.cipher tls.client.ja3 tls.client.server_name tls.client.subject tls.client.issuer tls.client.hash.sha1
            tls.next_protocol tls.server.hash.sha1 tls.server.issuer tls.server.ja3s tls.server.subject tls.version
            tls.version_protocol
            tls.server.x509.alternative_names tls.server.x509.serial_number
            tls.server.x509.subject.common_name tls.server.x509.subject.country
            tls.server.x509.subject.distinguished_name tls.server.x509.subject.locality
            tls.server.x509.subject.organization tls.server.x509.subject.organizational_unit
            tls.server.x509.subject.state_or_province
            tls.server.x509.issuer.common_name tls.server.x509.issuer.country
            tls.server.x509.issuer.distinguished_name tls.server.x509.issuer.locality
            tls.server.x509.issuer.organization tls.server.x509.issuer.organizational_unit
            tls.server.x509.issuer.state_or_province
            tls.client.x509.alternative_names tls.client.x509.serial_number
            tls.client.x509.subject.common_name tls.client.x509.subject.country
            tls.client.x509.subject.distinguished_name tls.client.x509.subject.locality
            tls.client.x509.subject.organization tls.client.x509.subject.organizational_unit
            tls.client.x509.subject.state_or_province
            tls.client.x509.issuer.common_name tls.client.x509.issuer.country
            tls.client.x509.issuer.distinguished_name tls.client.x509.issuer.locality
            tls.client.x509.issuer.organization tls.client.x509.issuer.organizational_unit
            tls.client.x509.issuer.state_or_province
            file.directory file.extension file.hash.md5 file.hash.sha1 file.hash.sha256 file.mime_type file.name file.path
            email.from.address email.to.address email.cc.address email.sender.address email.subject email.message_id
            email.attachments.file.name email.reply_to.address email.x_mailer
            group.id user.domain user.id user.name log.level error.code error.type
            suricata.signature
            """
        ),
        (.text, "message error.message"),
        (
            .ip,
            "source.ip destination.ip client.ip server.ip network.forwarded_ip dns.resolved_ip related.ip observer.ip"
        ),
        (
            .long,
            """
            event.duration event.severity event.sequence
            source.bytes source.packets source.port destination.bytes destination.packets destination.port
            client.bytes client.packets client.port server.bytes server.packets server.port
            source.as.number destination.as.number network.bytes network.packets
            dns.answers.ttl http.request.body.bytes http.request.bytes http.response.body.bytes http.response.bytes
            http.response.status_code url.port file.size suricata.severity
            """
        ),
        (.float, "event.risk_score vulnerability.score.base"),
        (
            .date,
            """
            @timestamp event.created event.end event.ingested event.start
            tls.client.not_after tls.client.not_before tls.server.not_after tls.server.not_before
            tls.client.x509.not_after tls.client.x509.not_before
            tls.server.x509.not_after tls.server.x509.not_before
            file.accessed file.created file.ctime file.mtime email.origination_timestamp
            """
        ),
        (.geoPoint, "source.geo.location destination.geo.location"),
        (.boolean, "tls.established tls.resumed"),
        (.notIndexed, "suricata.eve"),
    ]
}

/// Fields as a tree of objects, which is how a mapping names them.
private struct FieldTree {
    private var children: [(name: Substring, tree: FieldTree)] = []
    private var mapping: String?

    mutating func add(_ path: [Substring], mapping: String) {
        guard let name = path.first else {
            self.mapping = mapping
            return
        }
        let index: Int
        if let known = children.firstIndex(where: { $0.name == name }) {
            index = known
        } else {
            index = children.count
            children.append((name, FieldTree()))
        }
        children[index].tree.add(Array(path.dropFirst()), mapping: mapping)
    }

    /// The members of `properties`.
    var json: String {
        let members = children.map { name, tree in
            "\"\(name)\":" + (tree.mapping ?? "{\"properties\":\(tree.json)}")
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}
