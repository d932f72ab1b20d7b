#!/bin/sh
# A pump that HAPI's JPA server stored before its Patient is not found by the patient's id when the Patient has come, nor when the pump is sent again.
#
# Software: HAPI FHIR JPA 8.8.0 (Maven) on H2 in memory, seen on 2026-11-29 with Java 17; referential integrity on write switched off, as loads of exports need it, the rest as it comes.
# Guess:    the reference is stored as it was sent, and found by its text or by the Patient's arrival: Device?patient=Patient/p gives the pump at the latest then.
# Seen:     the link is made when the Device is written, or not at all. Once the Patient is there the same Device is sent again with success, and is still not found, since nothing
#           in it has changed; only a version with other content is. A read by id gives the Device all the time, with its reference to the Patient. Of a batch in this order the
#           Device is not found either; of a transaction in the same order it is.
# So:       files of an export are loaded patients first. And "no Device" from a search is no sign that the patient has no pump, on a server that shows one by its id.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>ask</groupId><artifactId>ask</artifactId><version>1</version>
  <dependencyManagement><dependencies>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir</artifactId><version>8.8.0</version><type>pom</type><scope>import</scope></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-jpaserver-base</artifactId><version>8.8.0</version></dependency>
    <dependency><groupId>com.h2database</groupId><artifactId>h2</artifactId></dependency>
    <dependency><groupId>jakarta.servlet</groupId><artifactId>jakarta.servlet-api</artifactId><version>6.0.0</version></dependency>
  </dependencies>
</project>
XML
mvn --quiet --batch-mode -Dmaven.repo.local="$folder/repository" dependency:copy-dependencies -DoutputDirectory=lib >/dev/null
mkdir code
cat >code/Ask.java <<'JAVA'
import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.DaoRegistry;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.config.HapiJpaConfig;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.searchparam.SearchParameterMap;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.subscription.submit.config.SubscriptionSubmitterConfig;
import ca.uhn.fhir.rest.api.server.SystemRequestDetails;
import ca.uhn.fhir.rest.param.ReferenceParam;
import jakarta.persistence.EntityManagerFactory;
import java.util.Properties;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Device;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

public class Ask {
  @Configuration
  @Import({HapiJpaConfig.class, ThreadPoolFactoryConfig.class, JpaBatch2Config.class, Batch2JobsConfig.class, SubscriptionSubmitterConfig.class, SubscriptionChannelConfig.class})
  public static class Storage {
    @Bean public JpaStorageSettings storageSettings() {
      var settings = new JpaStorageSettings();
      settings.setEnforceReferentialIntegrityOnWrite(false);
      return settings;
    }

    @Bean public PartitionSettings partitionSettings() { return new PartitionSettings(); }

    @Bean public SubscriptionSettings subscriptionSettings() { return new SubscriptionSettings(); }

    @Bean public DataSource dataSource() {
      var source = new BasicDataSource();
      source.setUrl("jdbc:h2:mem:fhir;DB_CLOSE_DELAY=-1");
      source.setUsername("sa");
      return source;
    }

    @Bean @Primary public LocalContainerEntityManagerFactoryBean entityManagerFactory(
        ConfigurableListableBeanFactory beans, FhirContext fhir, JpaStorageSettings settings, DataSource source) {
      var factory = HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, fhir, settings);
      factory.setPersistenceUnitName("fhir");
      factory.setDataSource(source);
      var properties = new Properties();
      properties.put("hibernate.dialect", HapiFhirH2Dialect.class.getName());
      properties.put("hibernate.hbm2ddl.auto", "create");
      properties.put("hibernate.search.enabled", "false");
      factory.setJpaProperties(properties);
      return factory;
    }

    @Bean @Primary public JpaTransactionManager transactionManager(EntityManagerFactory factory) { return new JpaTransactionManager(factory); }
  }

  static DaoRegistry stored;
  static IFhirSystemDao<Bundle, ?> system;

  static Device pump(String id, String lot) {
    var pump = new Device().setPatient(new Reference("Patient/of-" + id)).setLotNumber(lot);
    pump.setId(id);
    return pump;
  }

  static Patient patient(String id) {
    var patient = new Patient();
    patient.setId("of-" + id);
    return patient;
  }

  static void put(Resource resource) { stored.getResourceDao(resource.fhirType()).update(resource.copy(), new SystemRequestDetails()); }

  static void both(Bundle.BundleType type, String id) {
    var bundle = new Bundle().setType(type);
    for (Resource resource : new Resource[] {pump(id, "A1"), patient(id)}) {
      bundle.addEntry().setResource(resource).getRequest().setMethod(Bundle.HTTPVerb.PUT).setUrl(resource.fhirType() + "/" + resource.getId());
    }
    system.transaction(new SystemRequestDetails(), bundle);
  }

  static void tell(String when, String id) {
    var asked = SearchParameterMap.newSynchronous("patient", new ReferenceParam("Patient/of-" + id));
    var read = (Device) stored.getResourceDao("Device").read(new IdType("Device", id), new SystemRequestDetails());
    int found = stored.getResourceDao("Device").search(asked, new SystemRequestDetails()).sizeOrThrowNpe();
    System.out.println(when + ": found by patient " + found + ", read by id with " + read.getPatient().getReference() + ", version " + read.getIdElement().getVersionIdPart());
  }

  public static void main(String[] none) {
    var spring = new AnnotationConfigApplicationContext(JpaR4Config.class, Storage.class);
    stored = spring.getBean(DaoRegistry.class);
    system = stored.getSystemDao();
    put(pump("pump", "A1"));
    tell("pump first", "pump");
    put(patient("pump"));
    tell("then its patient", "pump");
    put(pump("pump", "A1"));
    tell("the same pump again", "pump");
    put(pump("pump", "A2"));
    tell("with another lot number", "pump");
    both(Bundle.BundleType.BATCH, "batch");
    tell("both in a batch", "batch");
    both(Bundle.BundleType.TRANSACTION, "transaction");
    tell("both in a transaction", "transaction");
    System.exit(0);
  }
}
JAVA
cat >expected <<'TXT'
pump first: found by patient 0, read by id with Patient/of-pump, version 1
then its patient: found by patient 0, read by id with Patient/of-pump, version 1
the same pump again: found by patient 0, read by id with Patient/of-pump, version 1
with another lot number: found by patient 1, read by id with Patient/of-pump, version 2
both in a batch: found by patient 0, read by id with Patient/of-batch, version 1
both in a transaction: found by patient 1, read by id with Patient/of-transaction, version 1
TXT
javac -nowarn -Xlint:none -cp "lib/*" -d classes code/Ask.java 2>log
java -cp "classes:lib/*" Ask 2>>log | tee seen
diff expected seen
