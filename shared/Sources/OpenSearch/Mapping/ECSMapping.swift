/// The fields of Elastic Common Schema that documents have, by the type that ECS 8.17 gives them. A test holds this table
/// against the transformer's: a field that it can write and that is not here fails the test.
///
/// What ECS calls `wildcard` is a keyword here that takes eight times the length: the patterns work the same, totals by
/// value as well, and OpenSearch before 2.15 knows it. `match_only_text` (2.12) is text for the same reason.
enum ECSMapping {
    /// The field types of the component template.
    static var properties: FieldTree {
        var root = FieldTree()
        root.add("@timestamp", .timestamp)
        root.add("email.attachments", .nested("file.name"))
        root.add(fields)
        return root
    }

    private static let fields: [(FieldType, String)] = [
        (
            .date,
            """
            email.origination_timestamp event.end event.start file.accessed file.created file.ctime file.mtime
            tls.client.not_after tls.client.not_before tls.client.x509.not_after tls.client.x509.not_before
            tls.server.not_after tls.server.not_before tls.server.x509.not_after tls.server.x509.not_before
            """
        ),
        (
            .keyword,
            """
            client.address client.domain client.geo.city_name client.geo.continent_code
            client.geo.continent_name client.geo.country_iso_code client.geo.country_name client.geo.postal_code
            client.geo.region_iso_code client.geo.region_name client.geo.timezone client.mac destination.address
            destination.domain destination.geo.city_name destination.geo.continent_code
            destination.geo.continent_name destination.geo.country_iso_code destination.geo.country_name
            destination.geo.postal_code destination.geo.region_iso_code destination.geo.region_name
            destination.geo.timezone destination.mac dns.answers.class dns.answers.data dns.answers.name
            dns.answers.type dns.header_flags dns.id dns.op_code dns.question.class dns.question.name
            dns.question.registered_domain dns.question.subdomain dns.question.top_level_domain
            dns.question.type dns.response_code dns.type ecs.version email.cc.address email.from.address
            email.reply_to.address email.sender.address email.to.address email.x_mailer event.action
            event.category event.code event.dataset event.kind event.module event.outcome event.reason
            event.type file.extension file.hash.md5 file.hash.sha1 file.hash.sha256 file.mime_type file.name
            group.id http.request.method http.request.referrer http.response.mime_type http.version log.level
            network.application network.community_id network.direction network.iana_number network.inner.vlan.id
            network.protocol network.transport network.type network.vlan.id observer.hostname
            observer.ingress.interface.name observer.name observer.product observer.type observer.vendor
            observer.version related.hash related.hosts related.user rule.category rule.id rule.name
            rule.reference rule.ruleset rule.uuid rule.version server.address server.domain server.geo.city_name
            server.geo.continent_code server.geo.continent_name server.geo.country_iso_code
            server.geo.country_name server.geo.postal_code server.geo.region_iso_code server.geo.region_name
            server.geo.timezone server.mac source.address source.domain source.geo.city_name
            source.geo.continent_code source.geo.continent_name source.geo.country_iso_code
            source.geo.country_name source.geo.postal_code source.geo.region_iso_code source.geo.region_name
            source.geo.timezone source.mac tags threat.framework threat.tactic.id threat.tactic.name
            threat.technique.id threat.technique.subtechnique.id tls.client.certificate
            tls.client.certificate_chain tls.client.hash.sha1 tls.client.issuer tls.client.ja3
            tls.client.server_name tls.client.subject tls.client.x509.alternative_names
            tls.client.x509.issuer.common_name tls.client.x509.issuer.country
            tls.client.x509.issuer.distinguished_name tls.client.x509.issuer.locality
            tls.client.x509.issuer.organization tls.client.x509.issuer.organizational_unit
            tls.client.x509.issuer.state_or_province tls.client.x509.serial_number
            tls.client.x509.subject.common_name tls.client.x509.subject.country
            tls.client.x509.subject.distinguished_name tls.client.x509.subject.locality
            tls.client.x509.subject.organization tls.client.x509.subject.organizational_unit
            tls.client.x509.subject.state_or_province tls.next_protocol tls.server.certificate
            tls.server.certificate_chain tls.server.hash.sha1 tls.server.issuer tls.server.ja3s
            tls.server.subject tls.server.x509.alternative_names tls.server.x509.issuer.common_name
            tls.server.x509.issuer.country tls.server.x509.issuer.distinguished_name
            tls.server.x509.issuer.locality tls.server.x509.issuer.organization
            tls.server.x509.issuer.organizational_unit tls.server.x509.issuer.state_or_province
            tls.server.x509.serial_number tls.server.x509.subject.common_name tls.server.x509.subject.country
            tls.server.x509.subject.distinguished_name tls.server.x509.subject.locality
            tls.server.x509.subject.organization tls.server.x509.subject.organizational_unit
            tls.server.x509.subject.state_or_province tls.version tls.version_protocol url.domain url.extension
            url.registered_domain url.scheme url.subdomain url.top_level_domain user.domain user.id
            user_agent.device.name user_agent.name user_agent.os.version user_agent.version
            vulnerability.enumeration vulnerability.id
            """
        ),
        (
            .longKeyword,
            """
            email.message_id url.fragment url.path url.query
            """
        ),
        (
            .keywordWithText,
            """
            client.as.organization.name destination.as.organization.name email.subject file.path
            server.as.organization.name source.as.organization.name threat.technique.name user.name
            user_agent.original user_agent.os.full user_agent.os.name
            """
        ),
        (
            .longKeywordWithText,
            """
            http.request.body.content http.response.body.content url.full url.original
            """
        ),
        (
            .text,
            """
            error.message message
            """
        ),
        (
            .long,
            """
            client.as.number client.bytes client.packets client.port destination.as.number destination.bytes
            destination.packets destination.port dns.answers.ttl event.duration event.severity file.size
            http.request.body.bytes http.response.body.bytes http.response.status_code network.bytes
            network.packets server.as.number server.bytes server.packets server.port source.as.number
            source.bytes source.packets source.port url.port
            """
        ),
        (
            .float,
            """
            vulnerability.score.base
            """
        ),
        (
            .ip,
            """
            client.ip destination.ip dns.resolved_ip network.forwarded_ip related.ip server.ip source.ip
            """
        ),
        (
            .geoPoint,
            """
            client.geo.location destination.geo.location server.geo.location source.geo.location
            """
        ),
        (
            .boolean,
            """
            tls.established tls.resumed
            """
        ),
        (
            .notIndexed,
            """
            event.original
            """
        ),
    ]
}
