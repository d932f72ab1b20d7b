#!/bin/sh
# Feedback on a card, sent as CDS Hooks writes it, is answered 200 by HAPI's CDS Hooks server, and its service hears of no card, no outcome and no reason.
#
# Software: HAPI FHIR 8.8.0 (hapi-fhir-server-cds-hooks, Maven), with Spring 6.2.12 in front of its controller, seen on 2026-11-29 with Java 17.
# Guess:    the endpoint that HAPI itself puts at {service}/feedback takes what CDS Hooks 2.0 puts there, {"feedback": [...]}, and hands on each of the list; what it cannot
#           read it refuses with a 400.
# Seen:     it reads one feedback without the list around it. Of {"feedback": [...]} every member is unknown to it and skipped: the service gets an object of nothing, and the
#           answer is 200 and {}. So it is with Spring's own reader of JSON and with HAPI's; a single feedback, bare, is heard in full.
# So:       a 200 from a feedback endpoint does not mean that the reason for an override was heard. Whoever writes a service on HAPI reads the body of feedback for himself,
#           and whoever counts overrides first sends one that he can find again.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>ask</groupId><artifactId>ask</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-server-cds-hooks</artifactId><version>8.8.0</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-r4</artifactId><version>8.8.0</version></dependency>
    <dependency><groupId>org.springframework</groupId><artifactId>spring-webmvc</artifactId><version>6.2.12</version></dependency>
    <dependency><groupId>org.springframework</groupId><artifactId>spring-test</artifactId><version>6.2.12</version></dependency>
    <dependency><groupId>jakarta.servlet</groupId><artifactId>jakarta.servlet-api</artifactId><version>6.1.0</version></dependency>
  </dependencies>
</project>
XML
mvn --quiet --batch-mode -Dmaven.repo.local="$folder/repository" dependency:copy-dependencies -DoutputDirectory=lib >/dev/null
cat >Ask.java <<'JAVA'
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.server.cdshooks.CdsServiceRequestJson;
import ca.uhn.hapi.fhir.cdshooks.api.CdsService;
import ca.uhn.hapi.fhir.cdshooks.api.CdsServiceFeedback;
import ca.uhn.hapi.fhir.cdshooks.api.json.CdsServiceFeedbackJson;
import ca.uhn.hapi.fhir.cdshooks.api.json.CdsServiceResponseJson;
import ca.uhn.hapi.fhir.cdshooks.controller.CdsHooksController;
import ca.uhn.hapi.fhir.cdshooks.module.CdsHooksObjectMapperFactory;
import ca.uhn.hapi.fhir.cdshooks.serializer.CdsServiceRequestJsonDeserializer;
import ca.uhn.hapi.fhir.cdshooks.svc.CdsHooksContextBooter;
import ca.uhn.hapi.fhir.cdshooks.svc.CdsServiceRegistryImpl;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.converter.json.MappingJackson2HttpMessageConverter;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;

public class Ask {
  public static class Pump {
    @CdsService(value = "pump", hook = "patient-view", title = "pump", description = "refill of a pump", prefetch = {})
    public CdsServiceResponseJson view(CdsServiceRequestJson request) {
      return new CdsServiceResponseJson();
    }

    @CdsServiceFeedback("pump")
    public CdsServiceFeedbackJson hear(CdsServiceFeedbackJson feedback) {
      var reason = feedback.getOverrideReason();
      System.out.println("  heard: card " + feedback.getCard() + ", " + feedback.getOutcome() + ", " + (reason == null ? null : reason.getUserComment()));
      return feedback;
    }
  }

  @Configuration
  public static class Services {
    @Bean
    public List<Object> cdsServices() {
      return List.of(new Pump());
    }
  }

  static void send(MockMvc server, String reader) throws Exception {
    String one = "{'card':'4e0a','outcome':'overridden','overrideReason':{'userComment':'refill is booked'},'outcomeTimestamp':'2026-06-10T08:00:00Z'}";
    for (String body : new String[] {"{'feedback':[" + one + "]}", one}) {
      System.out.println(reader + ": " + body.substring(0, 12).replace('\'', '"') + "...");
      var answer = server.perform(post("/cds-services/pump/feedback").contentType("application/json").content(body.replace('\'', '"'))).andReturn().getResponse();
      System.out.println("  answer: " + answer.getStatus() + " " + answer.getContentAsString().replaceAll("\\s", "").replaceAll("(.{14}).*", "$1..."));
    }
  }

  public static void main(String[] none) throws Exception {
    FhirContext r4 = FhirContext.forR4();
    var mapper = new CdsHooksObjectMapperFactory(r4).newMapper();
    var booter = new CdsHooksContextBooter();
    booter.setDefinitionsClass(Services.class);
    booter.start();
    var registry = new CdsServiceRegistryImpl(booter, null, mapper, new CdsServiceRequestJsonDeserializer(r4, mapper));
    registry.init();
    var controller = new CdsHooksController(registry);
    send(MockMvcBuilders.standaloneSetup(controller).build(), "Spring's reader");
    send(MockMvcBuilders.standaloneSetup(controller).setMessageConverters(new MappingJackson2HttpMessageConverter(mapper)).build(), "HAPI's reader");
  }
}
JAVA
cat >expected <<'TXT'
Spring's reader: {"feedback":...
  heard: card null, null, null
  answer: 200 {}
Spring's reader: {"card":"4e0...
  heard: card 4e0a, overridden, refill is booked
  answer: 200 {"card":"4e0a"...
HAPI's reader: {"feedback":...
  heard: card null, null, null
  answer: 200 {}
HAPI's reader: {"card":"4e0...
  heard: card 4e0a, overridden, refill is booked
  answer: 200 {"card":"4e0a"...
TXT
java -cp "lib/*" Ask.java 2>log | tee seen
diff expected seen
