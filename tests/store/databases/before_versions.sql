BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v3.2.0.a');
CREATE TABLE lrsweep_attempts (
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	outcome VARCHAR(32), 
	value FLOAT, 
	params TEXT NOT NULL, 
	seed BIGINT NOT NULL, 
	started_at FLOAT NOT NULL, 
	ended_at FLOAT, 
	exit_code INTEGER, 
	reason TEXT NOT NULL, 
	command TEXT NOT NULL, 
	folder TEXT NOT NULL, 
	slot VARCHAR(1024) NOT NULL, 
	device_kind VARCHAR(255) NOT NULL, 
	PRIMARY KEY (study_id, number, attempt)
);
INSERT INTO "lrsweep_attempts" VALUES(1,0,1,'completed',3.33333333333333314829e-01,'{"lr": 0.000574540611594034, "batch_size": 16}',892687193,1.7956272289560577869e+09,1.79562722895887947084e+09,0,'','["python", "train.py", "--lr", "0.000574540611594034", "--batch_size", "16"]','/home/lrsweep/lrsweep-runs/train/trials/00000','cpu','cpu');
INSERT INTO "lrsweep_attempts" VALUES(1,1,1,'diverged',1.33333333333333325931e+00,'{"lr": 0.00016737129225335705, "batch_size": 32}',1398933794,1.79562722896441197394e+09,1.7956272289672541618e+09,0,'val_loss became nan at step 2','["python", "train.py", "--lr", "0.00016737129225335705", "--batch_size", "32"]','/home/lrsweep/lrsweep-runs/train/trials/00001','cpu','cpu');
INSERT INTO "lrsweep_attempts" VALUES(1,2,1,'crashed',NULL,'{"lr": 0.020639931735455256, "batch_size": 16}',2095116975,1.79562722896960496902e+09,1.79562722897058248518e+09,1,'exit code 1: RuntimeError: broken','["python", "train.py", "--lr", "0.020639931735455256", "--batch_size", "16"]','/home/lrsweep/lrsweep-runs/train/trials/00002','cpu','cpu');
INSERT INTO "lrsweep_attempts" VALUES(1,3,1,'completed',3.33333333333333348136e+00,'{"lr": 0.002601620163716452, "batch_size": 32}',568907195,1.79562722897181987766e+09,1.79562722897271966936e+09,0,'','["python", "train.py", "--lr", "0.002601620163716452", "--batch_size", "32"]','/home/lrsweep/lrsweep-runs/train/trials/00003','cpu','cpu');
INSERT INTO "lrsweep_attempts" VALUES(1,4,1,'lost',NULL,'{"lr": 0.015965834028940296, "batch_size": 32}',7,1.79562722901008868219e+09,1.7956272300100886821e+09,NULL,'its process vanished','["python", "train.py", "--lr", "0.015965834028940296", "--batch_size", "32"]','/home/lrsweep/lrsweep-runs/train/trials/00004','cpu','cpu');
INSERT INTO "lrsweep_attempts" VALUES(1,4,2,NULL,NULL,'{"lr": 0.015965834028940296, "batch_size": 32}',7,1.79562723101008868214e+09,NULL,NULL,'','["python", "train.py", "--lr", "0.015965834028940296", "--batch_size", "32"]','/home/lrsweep/lrsweep-runs/train/trials/00004','cpu','cpu');
INSERT INTO "lrsweep_attempts" VALUES(2,0,1,'completed',3.33333333333333314829e-01,'{"lr": 0.000574540611594034, "batch_size": 16}',892687193,1.7956272290585818291e+09,1795627229.06029,0,'','["python", "train.py", "--lr", "0.000574540611594034", "--batch_size", "16"]','/home/lrsweep/lrsweep-runs/second/trials/00000','cpu','cpu');
INSERT INTO "lrsweep_attempts" VALUES(2,1,1,'diverged',1.33333333333333325931e+00,'{"lr": 0.00016737129225335705, "batch_size": 32}',1398933794,1.79562722906409525866e+09,1.79562722906513404846e+09,0,'val_loss became nan at step 2','["python", "train.py", "--lr", "0.00016737129225335705", "--batch_size", "32"]','/home/lrsweep/lrsweep-runs/second/trials/00001','cpu','cpu');
CREATE TABLE lrsweep_points (
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	step BIGINT NOT NULL, 
	value FLOAT, 
	PRIMARY KEY (study_id, number, attempt, name, step)
);
INSERT INTO "lrsweep_points" VALUES(1,0,1,'acc',1,0.25);
INSERT INTO "lrsweep_points" VALUES(1,0,1,'acc',2,0.5);
INSERT INTO "lrsweep_points" VALUES(1,0,1,'acc',3,0.75);
INSERT INTO "lrsweep_points" VALUES(1,1,1,'acc',1,0.25);
INSERT INTO "lrsweep_points" VALUES(1,1,1,'acc',2,0.5);
INSERT INTO "lrsweep_points" VALUES(1,1,1,'acc',3,0.75);
INSERT INTO "lrsweep_points" VALUES(1,3,1,'acc',1,9e999);
INSERT INTO "lrsweep_points" VALUES(1,3,1,'acc',2,9e999);
INSERT INTO "lrsweep_points" VALUES(1,3,1,'acc',3,9e999);
INSERT INTO "lrsweep_points" VALUES(1,4,1,'examples',1,100.0);
INSERT INTO "lrsweep_points" VALUES(1,4,1,'fraction',1,0.25);
INSERT INTO "lrsweep_points" VALUES(1,4,1,'acc',1,0.1);
INSERT INTO "lrsweep_points" VALUES(1,4,1,'examples',2,200.0);
INSERT INTO "lrsweep_points" VALUES(1,4,1,'fraction',2,0.5);
INSERT INTO "lrsweep_points" VALUES(1,4,1,'acc',2,0.2);
INSERT INTO "lrsweep_points" VALUES(1,4,2,'examples',2,200.0);
INSERT INTO "lrsweep_points" VALUES(1,4,2,'fraction',2,0.5);
INSERT INTO "lrsweep_points" VALUES(1,4,2,'acc',2,1.0);
INSERT INTO "lrsweep_points" VALUES(1,4,2,'examples',3,300.0);
INSERT INTO "lrsweep_points" VALUES(1,4,2,'fraction',3,0.75);
INSERT INTO "lrsweep_points" VALUES(1,4,2,'acc',3,1.5);
INSERT INTO "lrsweep_points" VALUES(2,0,1,'acc',1,0.25);
INSERT INTO "lrsweep_points" VALUES(2,0,1,'acc',2,0.5);
INSERT INTO "lrsweep_points" VALUES(2,0,1,'acc',3,0.75);
INSERT INTO "lrsweep_points" VALUES(2,1,1,'acc',1,0.25);
INSERT INTO "lrsweep_points" VALUES(2,1,1,'acc',2,0.5);
INSERT INTO "lrsweep_points" VALUES(2,1,1,'acc',3,0.75);
CREATE TABLE lrsweep_runs (
	study_id INTEGER NOT NULL, 
	started_at FLOAT NOT NULL, 
	seen_at FLOAT NOT NULL, 
	host VARCHAR(255) NOT NULL, 
	pid INTEGER NOT NULL, 
	command TEXT NOT NULL, 
	PRIMARY KEY (study_id, started_at)
);
INSERT INTO "lrsweep_runs" VALUES(1,1.79562722894127440448e+09,1.79562722897389316556e+09,'workstation',4000000,'["lrsweep", "run", "train.py", "-s", "lr=1e-4:1", "-s", "batch_size=16:64:pow2", "--metric", "val_loss"]');
INSERT INTO "lrsweep_runs" VALUES(1,1.7956272290067965984e+09,1.79562722901359248157e+09,'workstation',4000000,'["lrsweep", "run", "train.py", "-s", "lr=1e-4:1", "-s", "batch_size=16:64:pow2", "--metric", "val_loss"]');
INSERT INTO "lrsweep_runs" VALUES(2,1.79562722905268478388e+09,1.79562722906655359263e+09,'workstation',4000000,'["lrsweep", "run", "train.py", "-s", "lr=1e-4:1", "-s", "batch_size=16:64:pow2", "--metric", "val_loss"]');
CREATE TABLE studies (
	study_id INTEGER NOT NULL, 
	study_name VARCHAR(512) NOT NULL, 
	PRIMARY KEY (study_id)
);
INSERT INTO "studies" VALUES(1,'train');
INSERT INTO "studies" VALUES(2,'second');
CREATE TABLE study_directions (
	study_direction_id INTEGER NOT NULL, 
	direction VARCHAR(8) NOT NULL, 
	study_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	PRIMARY KEY (study_direction_id), 
	UNIQUE (study_id, objective), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_directions" VALUES(1,'MINIMIZE',1,0);
INSERT INTO "study_directions" VALUES(2,'MINIMIZE',2,0);
CREATE TABLE study_system_attributes (
	study_system_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_system_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
CREATE TABLE study_user_attributes (
	study_user_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_user_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_user_attributes" VALUES(1,1,'lrsweep:plan','{"target": "python train.py", "template": "none", "environment": "none", "metric": "val_loss", "direction": "minimize", "space": ["lr=0.0001:1:log", "batch_size=16:64:pow2"], "sampler": "random", "pruner": "none", "sweep_command": ["lrsweep", "run", "train.py", "-s", "lr=1e-4:1", "-s", "batch_size=16:64:pow2", "--metric", "val_loss"]}');
INSERT INTO "study_user_attributes" VALUES(2,2,'lrsweep:plan','{"target": "python train.py", "template": "none", "environment": "none", "metric": "val_loss", "direction": "minimize", "space": ["lr=0.0001:1:log", "batch_size=16:64:pow2"], "sampler": "random", "pruner": "none", "sweep_command": ["lrsweep", "run", "train.py", "-s", "lr=1e-4:1", "-s", "batch_size=16:64:pow2", "--metric", "val_loss"]}');
CREATE TABLE trial_heartbeats (
	trial_heartbeat_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	heartbeat DATETIME NOT NULL, 
	PRIMARY KEY (trial_heartbeat_id), 
	UNIQUE (trial_id), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_intermediate_values (
	trial_intermediate_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	intermediate_value FLOAT, 
	intermediate_value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_intermediate_value_id), 
	UNIQUE (trial_id, step), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_intermediate_values" VALUES(1,1,1,1.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(2,1,2,0.5,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(3,1,3,3.33333333333333314829e-01,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(4,2,1,2.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(5,2,2,NULL,'NAN');
INSERT INTO "trial_intermediate_values" VALUES(6,2,3,1.33333333333333325931e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(7,4,1,4.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(8,4,2,3.5,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(9,4,3,3.33333333333333348136e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(10,5,1,10.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(11,5,2,7.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(12,5,3,8.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(13,6,1,1.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(14,6,2,0.5,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(15,6,3,3.33333333333333314829e-01,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(16,7,1,2.0,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(17,7,2,NULL,'NAN');
INSERT INTO "trial_intermediate_values" VALUES(18,7,3,1.33333333333333325931e+00,'FINITE');
CREATE TABLE trial_params (
	param_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	param_name VARCHAR(512), 
	param_value FLOAT, 
	distribution_json TEXT, 
	PRIMARY KEY (param_id), 
	UNIQUE (trial_id, param_name), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_params" VALUES(1,1,'lr',0.000574540611594034,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(2,1,'batch_size',16.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 64}}');
INSERT INTO "trial_params" VALUES(3,2,'lr',1.67371292253357047434e-04,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(4,2,'batch_size',32.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 64}}');
INSERT INTO "trial_params" VALUES(5,3,'lr',2.06399317354552559733e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(6,3,'batch_size',16.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 64}}');
INSERT INTO "trial_params" VALUES(7,4,'lr',2.60162016371645208809e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(8,4,'batch_size',32.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 64}}');
INSERT INTO "trial_params" VALUES(9,5,'lr',1.59658340289402962686e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(10,5,'batch_size',32.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 64}}');
INSERT INTO "trial_params" VALUES(11,6,'lr',0.000574540611594034,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(12,6,'batch_size',16.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 64}}');
INSERT INTO "trial_params" VALUES(13,7,'lr',1.67371292253357047434e-04,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(14,7,'batch_size',32.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 64}}');
CREATE TABLE trial_system_attributes (
	trial_system_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_system_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_user_attributes (
	trial_user_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_user_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_user_attributes" VALUES(1,1,'outcome','"completed"');
INSERT INTO "trial_user_attributes" VALUES(2,2,'outcome','"diverged"');
INSERT INTO "trial_user_attributes" VALUES(3,2,'diverged','true');
INSERT INTO "trial_user_attributes" VALUES(4,2,'reason','"val_loss became nan at step 2"');
INSERT INTO "trial_user_attributes" VALUES(5,3,'outcome','"crashed"');
INSERT INTO "trial_user_attributes" VALUES(6,3,'reason','"exit code 1: RuntimeError: broken"');
INSERT INTO "trial_user_attributes" VALUES(7,4,'outcome','"completed"');
INSERT INTO "trial_user_attributes" VALUES(8,6,'outcome','"completed"');
INSERT INTO "trial_user_attributes" VALUES(9,7,'outcome','"diverged"');
INSERT INTO "trial_user_attributes" VALUES(10,7,'diverged','true');
INSERT INTO "trial_user_attributes" VALUES(11,7,'reason','"val_loss became nan at step 2"');
CREATE TABLE trial_values (
	trial_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	value FLOAT, 
	value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_value_id), 
	UNIQUE (trial_id, objective), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_values" VALUES(1,1,0,3.33333333333333314829e-01,'FINITE');
INSERT INTO "trial_values" VALUES(2,2,0,NULL,'INF_POS');
INSERT INTO "trial_values" VALUES(3,4,0,3.33333333333333348136e+00,'FINITE');
INSERT INTO "trial_values" VALUES(4,6,0,3.33333333333333314829e-01,'FINITE');
INSERT INTO "trial_values" VALUES(5,7,0,NULL,'INF_POS');
CREATE TABLE trials (
	trial_id INTEGER NOT NULL, 
	number INTEGER, 
	study_id INTEGER, 
	state VARCHAR(8) NOT NULL, 
	datetime_start DATETIME, 
	datetime_complete DATETIME, 
	PRIMARY KEY (trial_id), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "trials" VALUES(1,0,1,'COMPLETE','2026-11-25 17:20:28.953565','2026-11-25 17:20:28.958879');
INSERT INTO "trials" VALUES(2,1,1,'COMPLETE','2026-11-25 17:20:28.963823','2026-11-25 17:20:28.967254');
INSERT INTO "trials" VALUES(3,2,1,'FAIL','2026-11-25 17:20:28.969152','2026-11-25 17:20:28.970582');
INSERT INTO "trials" VALUES(4,3,1,'COMPLETE','2026-11-25 17:20:28.971449','2026-11-25 17:20:28.972720');
INSERT INTO "trials" VALUES(5,4,1,'RUNNING','2026-11-25 17:20:31.010089',NULL);
INSERT INTO "trials" VALUES(6,0,2,'COMPLETE','2026-11-25 17:20:29.057466','2026-11-25 17:20:29.060290');
INSERT INTO "trials" VALUES(7,1,2,'COMPLETE','2026-11-25 17:20:29.063602','2026-11-25 17:20:29.065134');
CREATE TABLE version_info (
	version_info_id INTEGER NOT NULL, 
	schema_version INTEGER, 
	library_version VARCHAR(256), 
	PRIMARY KEY (version_info_id), 
	CHECK (version_info_id=1)
);
INSERT INTO "version_info" VALUES(1,12,'5.0.0');
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE INDEX ix_trials_study_id ON trials (study_id);
COMMIT;
